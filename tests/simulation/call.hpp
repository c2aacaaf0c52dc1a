#pragma once

#include <optional>
#include <vector>

#include "actors/route_walk.hpp"
#include "policy/affinity.hpp"
#include "policy/exchange.hpp"
#include "tests/simulation/judge.hpp"
#include "tests/simulation/upstream.hpp"

namespace axonhub::simulation {

class node;

/// One request's way over its attempts: what the forwarding coroutine does, without bytes.
class call {
public:
  call(node& at, std::size_t number, const arrival& what);
  void start() { follow(exchange_.start()); }

private:
  void follow(policy::step next);
  void route();
  void ask_next();
  void granted(const actors::route_walk::step& asked, policy::lease given);
  policy::step spend_retry(const policy::lease& given);
  void attempt();
  void attempt_ended(const fate& met);
  policy::step relay(const fate& met, bool may_retry);
  void offer(llm::event_kind kind);
  void give_back(std::optional<policy::attempt_failure> failed, bool neutral, bool unused = false);
  void end(ending how, std::optional<milliseconds> retry_after = {});

  node& node_;
  arrival what_;
  request_seen seen_;
  std::optional<policy::retry_budget::active_request> active_;
  policy::exchange exchange_;
  std::optional<actors::route_walk> walk_;
  std::optional<policy::lease> lease_;
  std::size_t channel_ = 0; // of the lease
  policy::retry_budget::share extra_;
  std::vector<actors::failed_attempt> avoided_;
};

} // namespace axonhub::simulation
