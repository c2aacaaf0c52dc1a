#pragma once

#include "base/time.hpp"
#include "llm/dialect.hpp"
#include "llm/error_body.hpp"
#include "llm/upstream_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// What kind of refusal or breakdown an upstream reported, in no dialect's words.
enum class upstream_trouble : std::uint8_t {
  invalid_request,
  context_overflow, ///< The prompt, or the prompt and the output's limit, exceed the window.
  credential,       ///< Our key for the upstream: never the client's fault.
  quota,            ///< The upstream account has no money left.
  model_not_found,
  conflict,
  too_large,
  rate_limit,
  overloaded,
  timeout,
  broken, ///< Anything else.
};

/// A failure on its way to a client.
struct upstream_failure {
  upstream_trouble trouble = upstream_trouble::broken;
  std::string message{}; ///< For people.
  std::optional<milliseconds> retry_after{};

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, upstream_failure& x) {
    return f(x.trouble, x.message, x.retry_after);
  }
};

/// Judges an error by its wording, its code, its type and its status (0 inside a stream). The
/// message is cut to 2 kB and what looks like a key in it is masked.
upstream_failure judge_error(int status, const upstream_error& said);

/// An error of ours in the same terms.
upstream_failure judge_error(client_error e, std::string_view message,
                             std::optional<milliseconds> retry_after = {});

/// How a failure looks in a dialect.
error_shape shape_of(dialect d, upstream_trouble trouble);

/// The text that a client of `d` recognises: Anthropic's wording for a context overflow, from which
/// Claude Code shrinks or compacts; a delay in a rate limit for Responses inside a stream.
std::string message_for(dialect d, const upstream_failure& failed);

/// A refusal in the dialect of the client.
struct converted_error {
  int status = 500;
  std::string body;
};

converted_error error_for(dialect to, const upstream_failure& failed, std::string_view request_id);

/// The code of a failed response: those that Codex knows.
std::string_view response_code(upstream_trouble trouble);

/// The same as the last event of a stream; `sequence` is its number where the dialect counts.
std::string event_for(dialect to, const upstream_failure& failed, std::string_view request_id,
                      std::uint64_t sequence = 0);

/// Converts an upstream's refusal. `body` is its body as it came: HTML and empty ones are wrapped.
converted_error convert_error(dialect to, int status, std::string_view body,
                              std::string_view request_id);

} // namespace axonhub::llm
