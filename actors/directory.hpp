#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "actors/live_traces.hpp"
#include "actors/protocol.hpp"
#include "actors/time_source.hpp"
#include "actors/trace.hpp"
#include "base/error.hpp"
#include "policy/affinity.hpp"

namespace axonhub::actors {

struct directory_config {
  /// Reads a binding from the store; quick, on the calling thread.
  std::function<result<std::optional<store::stored_binding>>(const trace_id&)> find_binding;
  recorder_actor recorder;
  policy::affinity_rules affinity;
  milliseconds trace_ttl = std::chrono::hours{1}; ///< Idle time after which a trace leaves memory.
  std::size_t max_live = 200'000;                 ///< Of this shard.
  time_source now;
};

struct directory_state {
  static constexpr const char* name = "directory";

  directory_config config;
  std::shared_ptr<const trace_surroundings> around; ///< Of all its traces.
  live_traces live;
  std::size_t asked_to_leave = 0; ///< Traces that have not answered yet.
};

/// One shard. Above `max_live` each new trace asks the two longest unused ones to leave; one with a
/// request in flight, or used within the last second, stays for now: so the limit gives way to the
/// requests of one moment, and no request meets a trace that vanishes under it. A trace that leaves
/// is forgotten before it ends: whoever finds it gone and asks here again gets a new one.
directory_actor::behavior_type directory(directory_actor::stateful_pointer<directory_state> self,
                                         directory_config config);

} // namespace axonhub::actors
