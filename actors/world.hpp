#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "actors/io_pool.hpp"
#include "actors/protocol.hpp"

namespace axonhub::actors {

/// The world as every I/O thread reads it: a slot per thread that only this thread touches, so that
/// reading is free. Must outlive the pool's threads.
class world_board {
public:
  explicit world_board(io_pool& pool) : pool_(pool), slots_(pool.size()) {}

  /// The calling I/O thread's world; nullptr before the first one. Valid until the thread next
  /// returns to its context: copy it to keep it across a wait.
  const world_ptr& current() const { return slots_[*io_pool::current()].world; }

  /// Gives every thread this world, unless it has a newer one; the last to look calls `adopted`.
  /// From any thread, in any order.
  void publish(world_ptr next, std::function<void()> adopted);

  /// Takes the world away for good and waits until no thread reads it: what was published before,
  /// or is later, does not come back. Not on an I/O thread; the pool runs.
  void clear();

private:
  struct alignas(64) slot {
    world_ptr world;
    bool cleared = false;
  };

  /// Has every thread do `what` with its slot; the last one calls `done`.
  template <class What>
  void on_every_thread(What what, std::function<void()> done);

  io_pool& pool_;
  std::vector<slot> slots_;
};

struct suited_candidates {
  candidate_set candidates;
  std::vector<policy::refusal> refused;
};

/// The candidates that suit what a request needs (policy/fitting.hpp).
suited_candidates fitting_candidates(const candidate_set& all, const policy::request_needs& needs);

/// The candidates with whom to ask. A channel without an actor is left out.
candidate_set with_actors(std::vector<policy::candidate> candidates, const world& w);

} // namespace axonhub::actors
