#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "llm/dialect.hpp"
#include "llm/usage.hpp"
#include "policy/explain.hpp"
#include "policy/price.hpp"
#include "policy/route.hpp"

/// What happened to a request, as the admin API shows it.
namespace axonhub::policy {

/// One try of a request at one channel.
struct attempt_record {
  channel_id channel;
  credential_id credential;
  shared_text upstream_model;
  reason why = reason::preferred;
  wall_time started_at;
  std::optional<milliseconds> connect; ///< Unset on a reused connection.
  std::optional<milliseconds> first_byte;
  milliseconds duration{0};
  std::uint16_t http_status = 0; ///< 0: no answer.
  std::optional<attempt_failure> failed;
  shared_text upstream_request_id;
  bool sent = false;             ///< The upstream heard something of it.
  bool without_thinking = false; ///< Thinking blocks of earlier turns were left out.
  bool committed = false;
  bool slow = false; ///< An event of its stream took longer to arrive than events may.
};

/// How the channel of one attempt was found, or why none was: all that the choice was made of.
struct decision {
  std::shared_ptr<const explained_plan> plan{}; ///< Who could have served, and who could not.
  std::uint64_t seed = 0;                       ///< What ordered the plan's candidates.
  std::vector<std::uint32_t> loads{}; ///< Without a session: what each that suited had under way.
  std::optional<binding> home{};      ///< The session's own channel, as it was then.
  bool home_is_gone = false;          ///< It had one that has been deleted.
  std::uint64_t tokens_left = 0;      ///< Of the prompt, cached at home, that the choice leaves.
  std::optional<decimal> leaving_cost{}; ///< Of those tokens, in USD; unset: a price is unknown.
  std::vector<refusal> refused{};        ///< Who gave no lease, in the order of asking.
  std::optional<lease> granted{};
  std::uint64_t active = 0; ///< Requests under way on this node.
  std::uint64_t extra = 0;  ///< Of them, attempts that the retry budget has let through.
};

/// How a request ended, where no failed attempt says it.
enum class request_end : std::uint8_t {
  ok,
  client_gone, ///< Before it had its whole answer.
  no_channel,  ///< None took the request.
};
std::string_view to_text(request_end end);

enum class request_status : std::uint8_t { in_progress, completed, failed, cancelled, partial };
std::string_view to_text(request_status status);

/// One client call. Written once at its start and once at its end; thousands are kept in memory.
struct request_record {
  request_id id;
  wall_time at;
  bool is_test = false;
  project_id project;
  key_id key;
  profile_id profile;         ///< Empty: none was active.
  trace_id trace;             ///< Empty: without a session.
  shared_text external_trace; ///< The client's session text.
  shared_text thread;
  shared_text agent_id;
  llm::dialect dialect = llm::dialect::anthropic;
  bool stream = false;
  bool counts_tokens = false; ///< A count_tokens call.
  shared_text client;         ///< From the user agent: "claude-cli/2.1.330".
  shared_text client_ip;
  shared_text requested_model;
  shared_text mapped_model;
  request_status status = request_status::in_progress;
  shared_text reason; ///< A request_end, a key_reason or a failure_kind.
  shared_text error_type;
  shared_text error_message;
  std::uint16_t http_status = 0;
  std::optional<milliseconds> first_event;
  milliseconds duration{0};
  milliseconds overhead{0}; ///< Of `duration`, what was not spent waiting for the upstream.
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  llm::usage tokens;
  std::optional<policy::cost> cost; ///< Unset: no price is known, or no tokens.
  request_needs needs;
  std::vector<decision> decisions; ///< One for each lease sought.
  std::vector<attempt_record> attempts;
  std::vector<std::string> dropped{}; ///< Fields that the upstream's dialect has no words for.
  bool moved = false;                 ///< Served by another channel than the session's.
  bool drained = false; ///< Its client had gone; the upstream was read to its end all the same.
};

using request_record_ptr = std::shared_ptr<const request_record>;

} // namespace axonhub::policy
