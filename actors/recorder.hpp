#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/held_promise.hpp"
#include "actors/protocol.hpp"
#include "base/error.hpp"
#include "base/time.hpp"

namespace axonhub::actors {

/// One commit, for those who count.
struct commit_report {
  std::size_t waiters = 0; ///< Who got their answer by it.
  std::size_t bindings = 0;
  std::chrono::steady_clock::duration took{};
  error_code failed;
};

struct recorder_config {
  /// Makes one step durable. Called by the recorder alone.
  std::function<result<void>(const store::write_batch&)> write;
  /// Drops some bindings that nobody needs any more, and says how many; 0: none is left. May be
  /// empty.
  std::function<result<std::size_t>()> expire;
  /// Hears of every commit. May be empty.
  std::function<void(const commit_report&)> committed;
  milliseconds binding_delay{400}; ///< The longest that a binding or a counter waits.
  milliseconds expire_interval = std::chrono::minutes{10};
};

/// What waits for the next commit.
struct recorder_state {
  static constexpr const char* name = "recorder";

  recorder_config config;
  store::write_batch gathered; ///< Without its bindings: those are here, the last word per trace.
  std::unordered_map<trace_id, std::optional<store::stored_binding>> bindings; ///< Unset: cleared.
  std::vector<trace_id> awaited; ///< Of those, whose writers wait for the next commit.
  std::unordered_map<key_id, policy::key_counters> counters; ///< The last word per key.
  std::vector<held_promise<void>> waiters;
  bool flush_is_due = false; ///< A flush is in the mailbox.
  bool timer_is_set = false; ///< A flush comes when the bindings have waited long enough.
};

/// Group commit: what came in while the last commit ran is the next one. Spawned detached, since a
/// commit blocks. Commits what it has before it ends, also when it is told to exit.
recorder_actor::behavior_type recorder(recorder_actor::stateful_pointer<recorder_state> self,
                                       recorder_config config);

} // namespace axonhub::actors
