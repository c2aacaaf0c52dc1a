#pragma once

#include <caf/fwd.hpp>
#include <functional>
#include <memory>

#include "actors/io_pool.hpp"
#include "actors/protocol.hpp"
#include "actors/recorder.hpp"
#include "actors/world.hpp"
#include "config/config.hpp"
#include "store/store.hpp"

namespace axonhub::actors {

/// What the process wants to hear of its actors. Called on their threads; each may be empty.
struct system_hooks {
  std::function<void(const commit_report&)> committed;
  std::function<void()> escalate; ///< Actors die faster than restarts help: drain the process.
};

/// All actors, and the world as the I/O threads read it.
struct running_system {
  std::unique_ptr<world_board> board;
  supervisor_actor supervisor;
};

/// Starts every actor on `pool`, which must run; returns when every I/O thread has its first world.
/// Fails with what the store says when it cannot be read. Not on an I/O thread. `store` must
/// outlive the actors.
checked<running_system> start_system(caf::actor_system& system, io_pool& pool, store::store& store,
                                     const config::config& settings, system_hooks hooks);

/// Ends every actor; when it returns, all that they were told is durable, and the board is empty.
/// Whoever asks actors must have ended before. Not on an I/O thread; the pool still runs.
void stop_system(caf::actor_system& system, running_system& running);

} // namespace axonhub::actors
