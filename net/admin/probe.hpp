#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/task.hpp"
#include "policy/channel_url.hpp"
#include "policy/entities.hpp"
#include "policy/failure.hpp"

namespace axonhub::net {

struct worker;

/// One call to a channel's upstream outside routing: nobody's health learns of it.
struct probe_request {
  policy::channel channel;
  policy::credential key;
  policy::endpoint call = policy::endpoint::messages;
  std::string body{}; ///< Empty: a GET.
  bool stream = false;
};

struct probe_answer {
  std::string url;
  std::uint16_t http_status = 0; ///< 0: no answer.
  std::string body{};            ///< At most 1 MiB.
  std::string content_type{};
  std::string upstream_request_id{};
  milliseconds latency{0};
  std::optional<milliseconds> connect{};
  std::optional<milliseconds> first_byte{};
  std::optional<milliseconds> first_event{};
  std::optional<policy::attempt_failure> failed{}; ///< Whatever keeps the answer from being good.
};

/// Sends the request through the real path (address guard, TLS, the credential's header) and reads
/// the whole answer, within half a minute.
task<probe_answer> probe(worker& here, probe_request what);

/// Where a failed probe ended: "dns", "connect", "tls", "auth", "model", "protocol", "quota".
std::string_view stage_of(policy::failure_kind kind);

/// What an operator can do about it.
std::string_view hint_for(policy::failure_kind kind);

} // namespace axonhub::net
