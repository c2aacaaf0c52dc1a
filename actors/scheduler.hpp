#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>
#include <caf/mailbox_element.hpp>

#include "actors/io_pool.hpp"

namespace axonhub::actors {

/// Makes the actor system that reads `config` run its actors on the threads of `pool`: no hop
/// between a coroutine and the actor that it asks. What actors print, and what they die of without
/// having caught it, goes to the log.
///
/// The pool must outlive the system and run while the system ends: ~actor_system, on any thread
/// but an I/O thread, waits until every actor has ended, and for a detached actor also until the
/// last handle to it is gone. So: tell the actors to exit, let go of the detached ones, destroy
/// the system, then stop the pool.
void run_actors_on(caf::actor_system_config& config, io_pool& pool);

/// Gives `target` a message, from any thread. On an I/O thread the actors that this wakes run
/// there, a little later.
void deliver(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr message);

/// The same, but on an I/O thread the actors that this wakes run before it returns: as many rounds
/// as one turn allows, and none when called by an actor. Not for destructors and the like: any
/// actor of this thread may run inside.
void deliver_now(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr message);

} // namespace axonhub::actors
