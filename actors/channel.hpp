#pragma once

#include <optional>
#include <vector>

#include "actors/held_promise.hpp"
#include "actors/protocol.hpp"
#include "actors/time_source.hpp"
#include "policy/fair_queue.hpp"
#include "policy/health.hpp"
#include "policy/rate_gate.hpp"

namespace axonhub::actors {

struct channel_config {
  channel_settings_ptr settings;
  time_source now;
  channel_load load{};     ///< Where it shows what is under way; null: nowhere.
  catalog_actor catalog{}; ///< Keeps what must outlive the channel; unset: nobody does.
};

struct channel_state {
  static constexpr const char* name = "channel";

  /// A request that waits for a place.
  struct waiting {
    policy::acquire_request wanted;
    held_promise<policy::acquire_answer> promise;
    caf::strong_actor_ptr asker{};
    steady_time until;
  };

  channel_config config;
  std::vector<policy::credential_facts> credentials;
  std::optional<policy::channel_health> health; ///< Set from the start on.
  policy::rate_gate gate;
  policy::fair_queue<key_id, waiting> queue;
  std::optional<steady_time> wakes_at; ///< The tick that is under way and counts.
  bool draining = false;
};

/// The shell around one channel's policy::channel_health, its limits and its queue.
channel_actor::behavior_type channel(channel_actor::stateful_pointer<channel_state> self,
                                     channel_config config);

} // namespace axonhub::actors
