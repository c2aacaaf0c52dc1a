#pragma once

#include <caf/typed_response_promise.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/restart_limit.hpp"
#include "actors/time_source.hpp"
#include "base/secret.hpp"

namespace axonhub::actors {

/// Gives a world to every thread; calls the second argument once they all have it.
using publish_world = std::function<void(world_ptr, std::function<void()>)>;

struct catalog_config {
  std::function<result<policy::catalog_data>()> load; ///< Reads the configuration from the store.
  secret hash_key;                                    ///< What client keys are hashed with.
  world_parts parts;
  publish_world publish;
  std::uint64_t last_revision = 0; ///< Of the worlds before: the first one is later.
  time_source now;
};

struct catalog_state {
  static constexpr const char* name = "catalog";

  struct configured_channel {
    running_channel running;
    channel_settings_ptr settings;
  };
  struct waiting_change {
    policy::catalog_change change;
    caf::typed_response_promise<change_answer> promise;
    bool durable = false;
  };

  catalog_config config;
  policy::catalog_ptr current;
  std::map<channel_id, configured_channel> channels; ///< Of every channel that is not archived.
  std::vector<channel_actor> draining;
  restart_limit restarts;
  world_ptr newest;
  std::deque<waiting_change> waiting; ///< The first one is under way, if `busy`.
  bool busy = false;
};

/// Starts with what the store has after every earlier write has ended, then publishes its first
/// world. Changes are handled one after the other; a channel actor that dies is started anew. Its
/// channel actors end with it.
catalog_actor::behavior_type catalog(catalog_actor::stateful_pointer<catalog_state> self,
                                     catalog_config config);

} // namespace axonhub::actors
