#include "actors/recorder.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <utility>

#include "base/log.hpp"

namespace axonhub::actors {
namespace {

using recorder_ptr = recorder_actor::stateful_pointer<recorder_state>;
using binding_map = decltype(recorder_state::bindings);

void append(auto& to, auto& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void gather(recorder_state& state, store::write_batch step) {
  append(state.gathered.edits, step.edits);
  append(state.gathered.audit, step.audit);
  for (auto& c : step.counters)
    state.counters.insert_or_assign(std::move(c.key), std::move(c.counted));
  for (auto& b : step.bindings) {
    state.awaited.push_back(b.trace);
    state.bindings.insert_or_assign(b.trace, std::move(b));
  }
  for (const auto& trace : step.cleared_bindings) {
    state.awaited.push_back(trace);
    state.bindings.insert_or_assign(trace, std::nullopt);
  }
}

// LMDB keeps the memory of all pages that its largest transaction has changed, and each binding
// changes a few of its own.
constexpr auto most_bindings = std::size_t{256};

bool has_some(const recorder_state& state) {
  return !state.gathered.empty() || !state.bindings.empty() || !state.counters.empty();
}

void take(recorder_state& state, binding_map::iterator at, store::write_batch& batch) {
  if (auto& last = at->second)
    batch.bindings.push_back(std::move(*last));
  else
    batch.cleared_bindings.push_back(at->first);
  state.bindings.erase(at);
}

store::write_batch take_some(recorder_state& state) {
  auto batch = std::exchange(state.gathered, {});
  for (const auto& trace : std::exchange(state.awaited, {}))
    if (const auto at = state.bindings.find(trace); at != state.bindings.end())
      take(state, at, batch);
  while (batch.bindings.size() < most_bindings && !state.bindings.empty())
    take(state, state.bindings.begin(), batch);
  if (state.bindings.empty())
    binding_map{}.swap(state.bindings); // its table goes, too
  for (auto& [key, counted] : std::exchange(state.counters, {}))
    batch.counters.push_back({key, std::move(counted)});
  return batch;
}

// Bindings wait for the next commit of anything else, but not for long.
void set_timer(recorder_ptr self) {
  if (!std::exchange(self->state.timer_is_set, true))
    self->delayed_send(self, self->state.config.binding_delay, atom::tick_v);
}

void flush_soon(recorder_ptr self) {
  if (!std::exchange(self->state.flush_is_due, true))
    self->send(self, atom::flush_v);
}

void answer(std::vector<held_promise<void>> waiters, error_code failed) {
  for (auto& waiter : waiters) {
    if (failed)
      waiter.fail(failed);
    else
      waiter.deliver();
  }
}

// Bindings and counters are nobody's promise, so they stay for another try.
void keep_for_later(recorder_ptr self, store::write_batch& refused) {
  for (auto& b : refused.bindings)
    self->state.bindings.try_emplace(b.trace, std::move(b));
  for (auto& c : refused.counters)
    self->state.counters.try_emplace(c.key, std::move(c.counted));
  if (!self->state.bindings.empty() || !self->state.counters.empty())
    set_timer(self);
}

// One transaction; what is too much for it comes at once in the next. False when it failed.
bool commit(recorder_ptr self) {
  auto& state = self->state;
  auto waiters = std::exchange(state.waiters, {});
  auto batch = take_some(state);
  if (batch.empty()) {
    answer(std::move(waiters), {});
    return true;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto written = state.config.write(batch);
  const auto failed = written ? error_code{} : written.error();
  if (state.config.committed)
    state.config.committed({.waiters = waiters.size(),
                            .bindings = batch.bindings.size(),
                            .took = std::chrono::steady_clock::now() - begin,
                            .failed = failed});
  if (failed) {
    log::error("store.commit_failed", {{"why", failed.message()}, {"waiters", waiters.size()}});
    keep_for_later(self, batch);
  } else if (!state.bindings.empty()) {
    flush_soon(self);
  }
  answer(std::move(waiters), failed);
  return !failed;
}

void commit_all(recorder_ptr self) {
  while (commit(self) && has_some(self->state))
    continue;
}

void expire_bindings(recorder_ptr self) {
  const auto dropped = self->state.config.expire();
  if (!dropped)
    log::error("store.expire_failed", {{"why", dropped.error().message()}});
  if (dropped && *dropped > 0)
    self->send(self, atom::sweep_v);
  else
    self->delayed_send(self, self->state.config.expire_interval, atom::sweep_v);
}

} // namespace

recorder_actor::behavior_type recorder(recorder_ptr self, recorder_config config) {
  self->state.config = std::move(config);
  self->set_exit_handler([self](caf::exit_msg& told) {
    commit_all(self);
    self->quit(told.reason);
  });
  if (self->state.config.expire)
    self->delayed_send(self, self->state.config.expire_interval, atom::sweep_v);
  return {
      [self](atom::write, const store::write_batch& step) {
        gather(self->state, step);
        flush_soon(self);
        auto promise = self->make_response_promise<void>();
        self->state.waiters.emplace_back(promise);
        return promise;
      },
      [self](atom::bind, const store::stored_binding& bound) {
        self->state.bindings.insert_or_assign(bound.trace, bound);
        set_timer(self);
      },
      [self](atom::count, const store::stored_counters& counted) {
        self->state.counters.insert_or_assign(counted.key, counted.counted);
        set_timer(self);
      },
      [self](atom::flush) {
        self->state.flush_is_due = false;
        commit(self);
      },
      [self](atom::tick) {
        self->state.timer_is_set = false;
        commit(self);
      },
      [self](atom::sweep) { expire_bindings(self); },
      [self](atom::drain) {
        commit_all(self);
        self->quit();
      },
  };
}

} // namespace axonhub::actors
