#pragma once

#include <cstdint>
#include <utility>

#include "actors/protocol.hpp"
#include "net/task.hpp"

namespace axonhub::net {

struct client_request;

/// A key's leave for one request. It is settled once: with what the request used, or as unused.
class held_budget {
public:
  held_budget() = default;
  ~held_budget() { settle({}); }
  held_budget(const held_budget&) = delete;
  held_budget& operator=(const held_budget&) = delete;

  void take(std::uint64_t number, actors::key_budget_actor from);
  void settle(const policy::key_use& used);

private:
  std::uint64_t number_ = 0;
  actors::key_budget_actor owner_; ///< Unset: nothing to settle.
};

/// Whether anybody must be asked before a request of this key may go on.
bool has_limits(const client_request& r);

/// Asks the key's limits. False when they refuse it, and the client has been told.
task<bool> reserve(client_request& r);

/// What the request used, as far as its record says.
policy::key_use use_of(const policy::request_record& record);

/// What it cost; nothing when no price is known or no tokens were told.
std::optional<policy::cost> cost_of(const policy::request_record& record,
                                    const policy::price_book& prices);

} // namespace axonhub::net
