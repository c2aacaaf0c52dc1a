#include "actors/supervisor.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <utility>

#include "actors/journal.hpp"
#include "actors/trace.hpp"
#include "base/log.hpp"

namespace axonhub::actors {
namespace {

using supervisor_ptr = supervisor_actor::stateful_pointer<supervisor_state>;

// ------------------------------------------------------------------ starting

void start_recorder(supervisor_ptr self) {
  const auto& config = self->state.config;
  self->state.parts.recorder =
      config.recorder_has_thread
          ? self->spawn<caf::monitored + caf::detached>(recorder, config.recorder)
          : self->spawn<caf::monitored>(recorder, config.recorder);
}

void start_directory(supervisor_ptr self, std::size_t shard) {
  auto config = self->state.config.directory;
  config.recorder = self->state.parts.recorder;
  self->state.parts.directory[shard] = self->spawn<caf::monitored>(directory, std::move(config));
}

void start_nameless(supervisor_ptr self, std::size_t shard) {
  auto around = std::make_shared<trace_surroundings>();
  around->now = self->state.config.now;
  self->state.parts.nameless[shard] = self->spawn<caf::monitored>(
      trace, trace_config{.key = {}, .restored = {}, .around = std::move(around)});
}

void start_journal(supervisor_ptr self, std::size_t shard) {
  const auto& config = self->state.config;
  self->state.parts.journal[shard] =
      self->spawn<caf::monitored>(journal, config.journal_size / config.shards);
}

void start_catalog(supervisor_ptr self) {
  auto& state = self->state;
  auto config = state.config.catalog;
  config.parts = state.parts;
  // Every world of this catalog is later than any of one that has been dismissed, which may still
  // publish.
  config.last_revision += state.catalogs++ << 32;
  state.catalog = self->spawn<caf::monitored>(catalog, std::move(config));
}

void start_all(supervisor_ptr self) {
  auto& state = self->state;
  state.parts.directory.resize(state.config.shards);
  state.parts.nameless.resize(state.config.shards);
  state.parts.journal.resize(state.config.shards);
  start_recorder(self);
  for (auto shard = std::size_t{0}; shard < state.config.shards; ++shard) {
    start_directory(self, shard);
    start_nameless(self, shard);
    start_journal(self, shard);
  }
  start_catalog(self);
}

// ------------------------------------------------------------------ restarting

template <class Handle>
std::optional<std::size_t> shard_of(const std::vector<Handle>& shards,
                                    const caf::actor_addr& ended) {
  const auto found =
      std::ranges::find_if(shards, [&](const Handle& h) { return h && h.address() == ended; });
  if (found == shards.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - shards.begin());
}

template <class Handle>
void dismiss(supervisor_ptr self, const Handle& child) {
  self->state.dismissed.insert(child.address());
  self->send_exit(child, caf::exit_reason::user_shutdown);
}

void restart_what_needs_the_recorder(supervisor_ptr self) {
  for (auto shard = std::size_t{0}; shard < self->state.config.shards; ++shard) {
    dismiss(self, self->state.parts.directory[shard]);
    start_directory(self, shard);
  }
  dismiss(self, self->state.catalog);
  start_catalog(self);
}

// Starts whoever has ended anew.
void restart(supervisor_ptr self, const caf::actor_addr& ended) {
  auto& state = self->state;
  if (state.catalog.address() == ended)
    return start_catalog(self);
  if (state.parts.recorder.address() == ended) {
    start_recorder(self);
    return restart_what_needs_the_recorder(self);
  }
  if (const auto shard = shard_of(state.parts.directory, ended))
    start_directory(self, *shard);
  else if (const auto shard = shard_of(state.parts.nameless, ended))
    start_nameless(self, *shard);
  else if (const auto shard = shard_of(state.parts.journal, ended))
    start_journal(self, *shard);
  self->send(state.catalog, atom::adopt_v, state.parts);
}

// ------------------------------------------------------------------ stopping

template <class Handle>
bool forget(Handle& child, const caf::actor_addr& ended) {
  if (!child || child.address() != ended)
    return false;
  child = Handle{};
  return true;
}

void forget_anywhere(supervisor_state& state, const caf::actor_addr& ended) {
  forget(state.catalog, ended);
  forget(state.parts.recorder, ended);
  for (auto shard = std::size_t{0}; shard < state.config.shards; ++shard) {
    forget(state.parts.directory[shard], ended);
    forget(state.parts.nameless[shard], ended);
    forget(state.parts.journal[shard], ended);
  }
}

bool all_ended(const auto& shards) {
  return std::ranges::none_of(shards, [](const auto& h) { return static_cast<bool>(h); });
}

// Top to bottom: each step begins when the one before has ended.
void stop_more(supervisor_ptr self) {
  auto& state = self->state;
  constexpr auto reason = caf::exit_reason::user_shutdown;
  if (state.catalog)
    return self->send_exit(state.catalog, reason);
  auto& parts = state.parts;
  if (!all_ended(parts.directory) || !all_ended(parts.nameless) || !all_ended(parts.journal)) {
    for (auto shard = std::size_t{0}; shard < state.config.shards; ++shard) {
      self->send_exit(parts.directory[shard], reason);
      self->send_exit(parts.nameless[shard], reason);
      self->send_exit(parts.journal[shard], reason);
    }
    return;
  }
  if (parts.recorder)
    return self->send(parts.recorder, atom::drain_v);
  static_cast<caf::response_promise&>(*state.stopping).deliver(caf::unit);
  self->quit();
}

// ------------------------------------------------------------------ ends

void a_child_ended(supervisor_ptr self, const caf::down_msg& ended) {
  auto& state = self->state;
  if (state.dismissed.erase(ended.source) > 0)
    return;
  if (state.stopping || state.escalated) {
    forget_anywhere(state, ended.source);
    if (state.stopping)
      stop_more(self);
    return;
  }
  log::error("actor.ended", {{"id", ended.source.id()}, {"why", to_string(ended.reason)}});
  if (!state.restarts.allow(state.config.now().steady)) {
    state.escalated = true;
    forget_anywhere(state, ended.source);
    state.config.escalate();
    return;
  }
  restart(self, ended.source);
}

// Without the order of a drain: nothing has to be kept.
void leave(supervisor_ptr self, caf::error why) {
  const auto& parts = self->state.parts;
  self->send_exit(self->state.catalog, why);
  for (auto shard = std::size_t{0}; shard < self->state.config.shards; ++shard) {
    self->send_exit(parts.directory[shard], why);
    self->send_exit(parts.nameless[shard], why);
    self->send_exit(parts.journal[shard], why);
  }
  self->send_exit(parts.recorder, why);
  self->quit(std::move(why));
}

} // namespace

supervisor_actor::behavior_type supervisor(supervisor_ptr self, supervisor_config config) {
  auto& state = self->state;
  state.config = std::move(config);
  self->set_down_handler([self](caf::down_msg& ended) { a_child_ended(self, ended); });
  self->set_exit_handler([self](caf::exit_msg& told) { leave(self, told.reason); });
  start_all(self);
  return {
      [self](atom::drain) {
        self->state.stopping = self->make_response_promise<void>();
        stop_more(self);
        return *self->state.stopping;
      },
  };
}

} // namespace axonhub::actors
