#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/route_walk.hpp"
#include "actors/time_source.hpp"
#include "policy/affinity.hpp"

namespace axonhub::actors {

struct trace_config {
  trace_key key;                           ///< Without an id: nameless, never binds.
  std::optional<policy::binding> restored; ///< As the store has it.
  recorder_actor recorder;                 ///< Hears of bindings; a nameless trace needs none.
  policy::affinity_rules affinity;
  time_source now;
};

struct trace_state {
  static constexpr const char* name = "trace";

  trace_config config;
  std::optional<policy::binding> bound;
  std::optional<policy::binding> told;   ///< As the recorder last heard.
  std::optional<session_home> tentative; ///< Where requests go together until the first one binds.
  std::unordered_map<request_id, bool> in_flight; ///< True: it has had its last resort.
  std::vector<channel_id> answered; ///< Channels that answered since its start, without repeats.
  steady_time last_used;
  std::uint32_t moves = 0;
};

/// The shell around one session's policy::binding and the route_walk of each of its attempts. Every
/// request that was given a lease must end with one `finish`.
trace_actor::behavior_type trace(trace_actor::stateful_pointer<trace_state> self,
                                 trace_config config);

} // namespace axonhub::actors
