#pragma once

#include <caf/typed_response_promise.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "actors/catalog.hpp"
#include "actors/directory.hpp"
#include "actors/protocol.hpp"
#include "actors/recorder.hpp"
#include "actors/restart_limit.hpp"

namespace axonhub::actors {

/// What the children are started with. The supervisor fills in whom they talk to.
struct supervisor_config {
  recorder_config recorder;
  directory_config directory; ///< Of one shard.
  catalog_config catalog;
  std::size_t shards = 1;           ///< Of directory, journal and nameless traces: I/O threads.
  std::size_t journal_size = 4'000; ///< Requests in all shards of the journal together.
  bool recorder_has_thread = true;  ///< False in tests that run without threads.
  std::function<void()> escalate;   ///< Restarts are of no use any more; called once.
  time_source now;
};

struct supervisor_state {
  static constexpr const char* name = "supervisor";

  supervisor_config config;
  world_parts parts;
  catalog_actor catalog;
  std::set<caf::actor_addr> dismissed; ///< Told to end; their end is no news.
  restart_limit restarts;
  bool escalated = false;
  std::uint64_t catalogs = 0; ///< Started so far.
  std::optional<caf::typed_response_promise<void>> stopping;
};

/// Starts recorder, directory shards, nameless traces, journal shards and catalog, in this order. A
/// child that dies returns at once; with the recorder return those that speak with it, the
/// directory and the catalog. Then the world is published with the new handles. More than five
/// restarts in a minute escalate, and nothing is restarted from then on.
supervisor_actor::behavior_type supervisor(
    supervisor_actor::stateful_pointer<supervisor_state> self, supervisor_config config);

} // namespace axonhub::actors
