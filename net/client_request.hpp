#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/protocol.hpp"
#include "llm/peek.hpp"
#include "net/body_memory.hpp"
#include "net/key_limits.hpp"
#include "net/session.hpp"
#include "net/task.hpp"
#include "policy/channel_url.hpp"
#include "policy/record.hpp"

namespace axonhub::net {

/// The key in `Authorization: Bearer` or `x-api-key`; empty when there is none. When both are sent
/// they are most often the same; the first that is known to the catalog counts.
const policy::api_key* authenticate(session& from, const actors::world& w, wall_time now);

/// Why there is no key: the one text that every refused caller reads.
constexpr std::string_view bad_key_text =
    "The API key is missing or not valid: send it as 'Authorization: Bearer <key>' or 'x-api-key'";

/// One client request on its way through the gateway, and what is known about it.
struct client_request {
  session& from;
  policy::endpoint call;
  actors::world_ptr world;              ///< As it was when the request came.
  const policy::api_key* key = nullptr; ///< In `world`.
  instant started;
  std::string body;
  body_ticket memory;
  llm::request_peek peek;
  actors::trace_key trace; ///< Without a session: an empty id.
  std::shared_ptr<policy::request_record> kept = std::make_shared<policy::request_record>();
  policy::request_record& record = *kept; ///< The journal gets it as it lies there.
  held_budget budget;                     ///< Where the key has limits.

  client_request(session& s, policy::endpoint c)
      : from(s), call(c), world(s.owner().world()), started(now()) {
    record.dialect = policy::dialect_of(c).value_or(llm::dialect::anthropic);
  }

  bool counts_tokens() const { return call == policy::endpoint::count_tokens; }
};

/// Answers with an error of ours. The record says so where the key is known. Always false.
task<bool> refuse(client_request& r, llm::client_error e, std::string_view message);

/// Authenticates, reads and understands a request. False when the client has an error already.
task<bool> receive(client_request& r);

/// What the request's key may try for its model as `w` is configured: what the operator has changed
/// since the request came counts, unless the key itself is gone.
std::shared_ptr<const ready_plan> plan_of(const client_request& r, const actors::world& w);

/// Settles what it has used, writes the record of how it ended to the journal and the metrics, and
/// tells who watches.
void conclude(client_request& r);

} // namespace axonhub::net
