#pragma once

#include <functional>
#include <optional>

#include "policy/fair_queue.hpp"
#include "policy/health.hpp"
#include "policy/rate_gate.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/virtual_clock.hpp"

namespace axonhub::simulation {

/// What the channel actor is, without the actor: health, a gate and a queue.
class channel {
public:
  using answer = std::function<void(const policy::acquire_answer&)>;

  channel(const channel_script& script, const scenario& s, virtual_clock& clock,
          std::mt19937_64& dice);

  /// Answers now or, for one that may wait, later.
  void acquire(const policy::acquire_request& wanted, answer to);
  void alive(const policy::lease& used) { health_.alive(used, script_.credentials); }
  void release(const policy::attempt_outcome& outcome);

  const channel_script& script() const { return script_; }
  std::size_t leases_out() const { return health_.in_flight(); }
  bool is_idle() const { return health_.in_flight() == 0 && gate_.inside() == 0 && queue_.empty(); }

private:
  struct waiting {
    policy::acquire_request wanted;
    answer to;
    steady_time until;
  };

  policy::acquire_answer acquire_now(const policy::acquire_request& wanted);
  policy::acquire_answer refuse(policy::gate_refusal why) const;
  bool may_wait(const policy::acquire_request& wanted, const policy::refusal& why) const;
  bool has_room(const key_id& key);
  void serve_queue();
  void deliver(waiting to, policy::acquire_answer said);
  void wake_in_time(std::optional<policy::gate_refusal> closed);

  const channel_script& script_;
  plant planted_;
  virtual_clock& clock_;
  std::mt19937_64& dice_;
  policy::channel_health health_;
  policy::rate_gate gate_;
  policy::fair_queue<key_id, waiting> queue_;
  std::optional<steady_time> wakes_at_;
};

} // namespace axonhub::simulation
