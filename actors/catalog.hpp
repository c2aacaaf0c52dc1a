#pragma once

#include <caf/typed_response_promise.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
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
  /// Reads what a key has used from the store; quick, on the calling thread.
  std::function<result<policy::key_counters>(const key_id&)> find_counters;
  secret hash_key; ///< What client keys are hashed with.
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
  struct running_key {
    key_budget_actor actor;
    key_settings_ptr settings;
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
  struct former_key {
    key_budget_actor actor;
    std::uint64_t revision = 0; ///< Of the first world without it.
  };

  std::map<key_id, running_key> keys;        ///< Of every key that has limits.
  std::vector<former_key> former_keys;       ///< Threads may still ask them.
  std::vector<key_budget_actor> ending_keys; ///< Told to end; they may still talk to the recorder.
  std::optional<caf::error> told_to_end;     ///< Why: it leaves after the changes under way.
  std::optional<caf::error> leaving;         ///< Why, once that is so.
  restart_limit restarts;
  world_ptr newest;
  std::deque<waiting_change> waiting; ///< The first one is under way, if `busy`.
  bool busy = false;
};

/// Starts with what the store has after every earlier write has ended, then publishes its first
/// world. Changes are handled one after the other; a channel's or a key's actor that dies is
/// started anew. Told to end, it first makes the changes that it has been given. They end with it:
/// those of keys before it, so that the recorder has heard what they counted.
catalog_actor::behavior_type catalog(catalog_actor::stateful_pointer<catalog_state> self,
                                     catalog_config config);

} // namespace axonhub::actors
