#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "llm/upstream_error.hpp"
#include "llm/upstream_failure.hpp"

namespace axonhub::policy {

/// How an attempt at a channel failed.
enum class failure_kind : std::uint8_t {
  stale_connection, ///< A reused connection broke before any byte of an answer.
  resolve,          ///< The host name has no address.
  address_refused,  ///< The address is not allowed for this channel.
  connect,          ///< Refused or unreachable.
  reset,            ///< A fresh connection broke before any byte of an answer.
  tls,              ///< Handshake or certificate.
  connect_timeout,
  first_byte_timeout,
  first_event_timeout,
  total_timeout,
  server_error,    ///< 500, 502, 503, 504 or an in-band api_error.
  overloaded,      ///< 529 or an in-band overloaded_error.
  bad_answer,      ///< 200 with HTML, broken JSON or a stream that is none.
  protocol,        ///< Breaks HTTP's rules.
  redirect,        ///< 301-308: never followed.
  rate_limited,    ///< 429
  unauthorized,    ///< 401 or 403: this credential.
  billing,         ///< 402: this credential has no money.
  model_not_found, ///< 404 for the model.
  signature,       ///< 400 that names thinking signatures, or encrypted reasoning.
  client_error,    ///< 400, 413, 422 ...: the request itself.
  unconvertible,   ///< The request cannot be said in the upstream's dialect; not sent.
  stall,           ///< After commit: silence beyond the limit.
  cut,             ///< After commit: ended without its terminal event.
  stream_error,    ///< After commit: an in-band error event of the upstream.
};

/// One failed attempt, as decisions and records need it.
struct attempt_failure {
  failure_kind kind = failure_kind::reset;
  std::uint16_t http_status = 0;
  std::optional<milliseconds> retry_after{};   ///< As the upstream said; not clamped.
  std::string type{};                          ///< The upstream's error type, if it gave one.
  std::string message{};                       ///< The upstream's or our own text, for operators.
  std::optional<llm::upstream_failure> told{}; ///< The upstream's refusal, in no dialect's words.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, attempt_failure& x) {
    return f(x.kind, x.http_status, x.retry_after, x.type, x.message, x.told);
  }
};

/// What an attempt that failed does to the channel's health.
enum class health_effect : std::uint8_t {
  none,
  breaker,             ///< Counts towards opening the breaker of this model.
  cooldown,            ///< The channel rests for this model: retry-after or growing.
  credential_cooldown, ///< This credential rests.
  credential_bench,    ///< This credential is out until the operator acts.
  model_absent,        ///< This model is left out on this channel for a while.
};

/// One row of the failure table.
struct failure_rule {
  bool retry_here = false;       ///< Once more at the same channel.
  bool other_credential = false; ///< The same channel with another credential may do.
  bool next_channel = false;
  health_effect effect = health_effect::none;
};

/// Whether another model at the same channel may do where this one failed: it was refused, the
/// channel was reached.
bool blames_model(failure_kind kind);

/// The failure table: what may happen next before the commit point, and who is blamed.
failure_rule rule_for(failure_kind kind);

/// Whether an OpenAI error's code says more than its type.
bool is_telling(std::string_view code);

/// From the status of an answer that is no 2xx and its error text.
failure_kind classify_status(std::uint16_t status, std::string_view error_type,
                             std::string_view message, bool names_model);

/// From an error inside a 200, streamed or whole.
failure_kind classify_stream_error(const llm::upstream_error& said);

/// The code that records, logs and metrics show: "connect_timeout", "rate_limited", ...
std::string_view to_text(failure_kind kind);

/// Retry-After as seconds or HTTP-date, `retry-after-ms` in milliseconds; nullopt when absent or
/// senseless (negative, past, not a number).
std::optional<milliseconds> parse_retry_after(std::string_view retry_after,
                                              std::string_view retry_after_ms, wall_time now);

/// Kept between one second and fifteen minutes.
milliseconds clamp_retry_after(milliseconds wait);

} // namespace axonhub::policy
