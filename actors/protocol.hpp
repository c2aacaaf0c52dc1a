#pragma once

#include <atomic>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/inspect_optional.hpp"
#include "policy/catalog.hpp"
#include "policy/health_view.hpp"
#include "policy/record.hpp"
#include "policy/route.hpp"
#include "policy/session_book.hpp"
#include "store/store.hpp"

/// Every actor interface and every message: read this file to know the system.

namespace axonhub::actors {

struct route_request;
struct route_answer;
struct trace_key;
struct trace_view;
struct journal_query;
struct channel_settings;
struct key_settings;
struct key_answer;
struct change_answer;
struct world;
struct world_parts;

using world_ptr = std::shared_ptr<const world>;
using channel_settings_ptr = std::shared_ptr<const channel_settings>;
using key_settings_ptr = std::shared_ptr<const key_settings>;
using record_list = std::vector<policy::request_record_ptr>;

} // namespace axonhub::actors

// These hold pointers or secrets: they stay inside this process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::route_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::route_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::trace_key)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::trace_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::journal_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::change_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::record_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::channel_settings_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::key_settings_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::key_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::world_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::actors::world_parts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::policy::request_record_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::policy::catalog_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::policy::health_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::store::write_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::policy::key_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::policy::key_use)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::policy::key_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::store::stored_binding)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(axonhub::store::stored_counters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<axonhub::actors::trace_view>)

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(axonhub, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(axonhub, (axonhub::policy::acquire_request))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::policy::acquire_answer))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::policy::attempt_outcome))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::policy::lease))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::policy::request_outcome))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::trace_id))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::credential_id))
  CAF_ADD_TYPE_ID(axonhub, (axonhub::request_id))
  CAF_ADD_ATOM(axonhub, axonhub::atom, acquire, "acquire")
  CAF_ADD_ATOM(axonhub, axonhub::atom, preview, "preview")
  CAF_ADD_ATOM(axonhub, axonhub::atom, release, "release")
  CAF_ADD_ATOM(axonhub, axonhub::atom, abandon, "abandon")
  CAF_ADD_ATOM(axonhub, axonhub::atom, alive, "alive")
  CAF_ADD_ATOM(axonhub, axonhub::atom, renew, "renew")
  CAF_ADD_ATOM(axonhub, axonhub::atom, adopt, "adopt")
  CAF_ADD_ATOM(axonhub, axonhub::atom, describe, "describe")
  CAF_ADD_ATOM(axonhub, axonhub::atom, restore, "restore")
  CAF_ADD_ATOM(axonhub, axonhub::atom, drain, "drain")
  CAF_ADD_ATOM(axonhub, axonhub::atom, route, "route")
  CAF_ADD_ATOM(axonhub, axonhub::atom, finish, "finish")
  CAF_ADD_ATOM(axonhub, axonhub::atom, unbind, "unbind")
  CAF_ADD_ATOM(axonhub, axonhub::atom, find, "find")
  CAF_ADD_ATOM(axonhub, axonhub::atom, sweep, "sweep")
  CAF_ADD_ATOM(axonhub, axonhub::atom, change, "change")
  CAF_ADD_ATOM(axonhub, axonhub::atom, adopted, "adopted")
  CAF_ADD_ATOM(axonhub, axonhub::atom, write, "write")
  CAF_ADD_ATOM(axonhub, axonhub::atom, bind, "bind")
  CAF_ADD_ATOM(axonhub, axonhub::atom, flush, "flush")
  CAF_ADD_ATOM(axonhub, axonhub::atom, tick, "tick")
  CAF_ADD_ATOM(axonhub, axonhub::atom, record, "record")
  CAF_ADD_ATOM(axonhub, axonhub::atom, list, "list")
  CAF_ADD_ATOM(axonhub, axonhub::atom, reserve, "reserve")
  CAF_ADD_ATOM(axonhub, axonhub::atom, settle, "settle")
  CAF_ADD_ATOM(axonhub, axonhub::atom, count, "count")
CAF_END_TYPE_ID_BLOCK(axonhub)
// clang-format on

namespace axonhub::actors {

/// One CHANNEL: its health, its credentials' health, what is in flight.
using channel_actor = caf::typed_actor<
    // May this attempt go here? Answers with a lease or the reason and the wait.
    caf::replies_to<atom::acquire, policy::acquire_request>::with<policy::acquire_answer>,
    // What would it answer? Changes nothing. Where the attempt would have to wait, the answer has
    // both a lease (without a number) and the reason.
    caf::replies_to<atom::preview, policy::acquire_request>::with<policy::acquire_answer>,
    // The attempt of an awaited lease answers well so far: who stayed away for it may come, and
    // older failures say nothing any more. Never answered.
    caf::reacts_to<atom::alive, policy::lease>,
    // A lease is still in use: who is silent for too long is taken for lost. Never answered.
    caf::reacts_to<atom::renew, policy::lease>,
    // A lease comes back with what happened. Never answered.
    caf::reacts_to<atom::release, policy::attempt_outcome>,
    // A client has left: its request waits in no queue any more. Never answered.
    caf::reacts_to<atom::abandon, request_id>,
    // The operator changed this channel or its credentials.
    caf::reacts_to<atom::adopt, channel_settings_ptr>,
    // Its health, for readers.
    caf::replies_to<atom::describe>::with<policy::health_view>,
    // Takes a benched or cooling credential back into use.
    caf::replies_to<atom::restore, credential_id>::with<void>,
    // The operator has repaired it: forgets what it has learnt of failures; leases stay out.
    caf::replies_to<atom::restore>::with<void>,
    // No new leases; ends when the last one has come back.
    caf::reacts_to<atom::drain>,
    // INTERNAL: somebody in the queue has waited long enough, or a lease is overdue.
    caf::reacts_to<atom::tick>>;

/// How many requests a channel has under way, as its actor counts them: a gauge that every thread
/// of this node may read.
using channel_load = std::shared_ptr<std::atomic<std::uint32_t>>;

/// A channel's actor, and what can be known without asking it.
struct running_channel {
  channel_actor actor;
  channel_load load;
};

/// One channel that may serve a request.
struct route_candidate {
  policy::candidate what;
  channel_actor actor;
  channel_load load{}; ///< Null: not known.
};

/// Shared by all requests for one model under one profile; never changed once made.
using candidate_set = std::shared_ptr<const std::vector<route_candidate>>;

/// A channel and credential that failed earlier in the same request.
struct failed_attempt {
  channel_id channel;
  credential_id credential;
  policy::failure_kind kind = policy::failure_kind::reset;
  shared_text upstream_model{};
};

/// What a trace needs to find a channel for one attempt of a request.
struct route_request {
  request_id request;
  candidate_set candidates;
  std::vector<failed_attempt> failed; ///< Earlier attempts of this request, in order.
  std::uint64_t dice = 0;             ///< Random bits: the order for requests without a session.
  key_id key{};
  std::uint64_t tokens = 0; ///< An estimate of what it will need.
  std::uint64_t model = 0;  ///< What the session asks for: see policy::model_binding.
  bool counts_tokens = false;
};

/// A lease and its channel's actor, or every refusal.
struct route_answer {
  std::optional<policy::lease> granted;
  channel_actor actor;                ///< Whom to give the lease back to.
  bool moved = false;                 ///< Not the session's own channel.
  std::uint64_t warm_tokens_left = 0; ///< When moved: tokens cached at the session's own channel.
  bool may_hold_foreign_thinking = true; ///< Other channels than this may have answered before.
  std::optional<policy::binding> home;   ///< The session's, as the choice found it.
  std::vector<policy::refusal> refused;
  std::vector<std::uint32_t> loads; ///< Without a session: of the candidates, as they were ordered.
};

using policy::session_home;

/// Whether a key's request may go on, or why not.
struct key_answer {
  std::optional<policy::key_refusal> refused;
};

/// The limits, the budgets and the quota of one key that has any. Others ask nobody.
using key_budget_actor = caf::typed_actor<
    // May a request of this key go on? Its number is random, so that whoever asks can settle it
    // even where the answer got lost. Answers at once.
    caf::replies_to<atom::reserve, std::uint64_t, policy::key_request>::with<key_answer>,
    // It has ended, and used so much; also one that was refused. Never answered.
    caf::reacts_to<atom::settle, std::uint64_t, policy::key_use>,
    // The operator changed the key or one of its profiles.
    caf::reacts_to<atom::adopt, key_settings_ptr>,
    // What is left, for readers.
    caf::replies_to<atom::describe>::with<policy::key_view>,
    // Ends, after what came before; the recorder has heard of all of it.
    caf::reacts_to<atom::drain>>;

/// Which session: the trace's id, and what it is made of.
struct trace_key {
  trace_id id;
  project_id project;
  shared_text external; ///< The client's session text.
};

/// A trace, for readers.
struct trace_view {
  trace_key key;
  policy::session_book book;
  std::uint32_t in_flight = 0;
  std::uint32_t moves = 0;
};

/// One TRACE: the session's bindings to channels, and its requests in flight. A request without a
/// session goes to one of the nameless traces, which never bind.
using trace_actor = caf::typed_actor<
    // Where shall this attempt go? Asks channels in order until one gives a lease.
    caf::replies_to<atom::route, route_request>::with<route_answer>,
    // A request that was routed here ended. Never answered.
    caf::reacts_to<atom::finish, policy::request_outcome>,
    caf::replies_to<atom::describe>::with<trace_view>,
    // Forgets the bindings, durably; requests under way bind nothing any more. True when there was
    // one.
    caf::replies_to<atom::unbind>::with<bool>,
    // INTERNAL (directory): ends itself when it has been idle for so long; true if it does.
    caf::replies_to<atom::sweep, milliseconds>::with<bool>>;

/// One shard of the DIRECTORY: trace id to trace actor. Starts traces, restores their bindings from
/// the store, and lets idle ones leave memory.
using directory_actor =
    caf::typed_actor<caf::replies_to<atom::find, trace_key>::with<trace_actor>,
                     // Live traces of this shard, at most 500, the last used first.
                     caf::replies_to<atom::list>::with<std::vector<trace_view>>,
                     // Forgets a binding, whether its trace is live or not. True when there was
                     // one.
                     caf::replies_to<atom::unbind, trace_id>::with<bool>,
                     // INTERNAL: asks idle traces to leave.
                     caf::reacts_to<atom::sweep>,
                     // INTERNAL: the same, from time to time.
                     caf::reacts_to<atom::tick>>;

/// The RECORDER: the only writer of the store; group commit on its own thread.
using recorder_actor = caf::typed_actor<
    // Answered when durable.
    caf::replies_to<atom::write, store::write_batch>::with<void>,
    // A trace's binding changed: durable within half a second. Never answered.
    caf::reacts_to<atom::bind, store::stored_binding>,
    // What a key has used: durable within half a second. Never answered.
    caf::reacts_to<atom::count, store::stored_counters>,
    // Commits what came before this, then ends. Never answered.
    caf::reacts_to<atom::drain>,
    // INTERNAL: commits what has gathered.
    caf::reacts_to<atom::flush>,
    // INTERNAL: commits bindings that have waited long enough.
    caf::reacts_to<atom::tick>,
    // INTERNAL: drops bindings that nobody needs any more.
    caf::reacts_to<atom::sweep>>;

/// Which records to list, newest first.
struct journal_query {
  std::optional<request_id> id;
  trace_id trace; ///< Empty: of every trace.
};

inline bool matches(const journal_query& query, const policy::request_record& record) {
  return (!query.id || *query.id == record.id) &&
         (query.trace.empty() || query.trace == record.trace);
}

/// One shard of the JOURNAL: the last requests that ended, in memory, bounded. Best effort by
/// design.
using journal_actor = caf::typed_actor<
    // A request ended. Never answered.
    caf::reacts_to<atom::record, policy::request_record_ptr>,
    caf::replies_to<atom::list, journal_query>::with<record_list>>;

/// Whom a world names besides the channels.
struct world_parts {
  std::vector<directory_actor> directory;
  std::vector<trace_actor> nameless;
  std::vector<journal_actor> journal;
  recorder_actor recorder;
};

/// The world that contains a change, or why the change was refused.
struct change_answer {
  world_ptr adopted;
  std::optional<failure> refused;
};

/// The CATALOG: the configuration. A change is durable, then adopted by every thread, then
/// answered.
using catalog_actor = caf::typed_actor<
    // Answers when the change is durable and every thread reads it, or why it may not be.
    caf::replies_to<atom::change, policy::catalog_change>::with<change_answer>,
    // INTERNAL (supervisor): some of these were started anew.
    caf::reacts_to<atom::adopt, world_parts>,
    // INTERNAL: every thread has adopted this revision.
    caf::reacts_to<atom::adopted, std::uint64_t>>;

/// The SUPERVISOR: starts the others in order, and anew when one dies.
using supervisor_actor = caf::typed_actor<
    // Ends the others, the recorder last, and then itself; answers when all that was acknowledged
    // or told is durable.
    caf::replies_to<atom::drain>::with<void>>;

/// What a channel actor works with; replaced as a whole when the operator changes something.
struct channel_settings {
  policy::channel channel;
  std::vector<policy::credential> credentials;
};

/// What a key budget actor works with.
struct key_settings {
  key_id key;
  policy::key_rules rules;
};

/// What every I/O thread reads without asking: the configuration and whom to ask about the rest.
struct world {
  std::uint64_t revision = 0;
  policy::catalog_ptr catalog;
  std::map<channel_id, running_channel> channels;
  std::unordered_map<key_id, key_budget_actor> budgets; ///< Of the keys that have limits.
  std::vector<directory_actor> directory;               ///< Sharded by the hash of the trace id.
  std::vector<trace_actor> nameless;  ///< One per I/O thread: for requests without a session.
  std::vector<journal_actor> journal; ///< One per I/O thread.
  catalog_actor catalog_owner;
  recorder_actor recorder;

  /// The shard that knows a trace.
  const directory_actor& directory_of(const trace_id& id) const {
    return directory[std::hash<trace_id>{}(id) % directory.size()];
  }
};

} // namespace axonhub::actors
