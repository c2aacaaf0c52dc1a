#pragma once

#include <optional>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/time_source.hpp"
#include "policy/health.hpp"

namespace axonhub::actors {

struct channel_config {
  channel_settings_ptr settings;
  time_source now;
};

struct channel_state {
  static constexpr const char* name = "channel";

  channel_config config;
  std::vector<policy::credential_facts> credentials;
  std::optional<policy::channel_health> health; ///< Set from the start on.
  bool draining = false;
};

/// The shell around one channel's policy::channel_health.
channel_actor::behavior_type channel(channel_actor::stateful_pointer<channel_state> self,
                                     channel_config config);

} // namespace axonhub::actors
