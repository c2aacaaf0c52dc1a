#include "actors/directory.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <utility>

#include "actors/errors.hpp"
#include "base/log.hpp"

namespace axonhub::actors {
namespace {

using directory_ptr = directory_actor::stateful_pointer<directory_state>;

constexpr std::size_t most_listed = 500;
constexpr std::size_t most_asked_to_leave = 64; // every pending answer costs its share of the rest

// A trace's last word to the recorder is durable after this, so the next life finds it.
constexpr auto least_idle = milliseconds{std::chrono::seconds{1}};

// ------------------------------------------------------------------ leaving

void ask_to_leave(directory_ptr self, const live_traces::entry& idle, milliseconds idle_for) {
  auto& state = self->state;
  ++state.asked_to_leave;
  auto answered = [self, id = idle.id, actor = idle.actor](bool left) {
    auto& state = self->state;
    if (left)
      state.live.forget(id, actor);
    else
      state.live.use(id, state.config.now().steady); // looked at again after a whole life
    return --state.asked_to_leave == 0;
  };
  self->request(idle.actor, caf::infinite, atom::sweep_v, idle_for)
      .then(
          [self, answered](bool left) {
            if (answered(left))
              self->send(self, atom::sweep_v); // the rest of those that are idle
          },
          [answered](const caf::error&) { answered(true); });
}

milliseconds idle_limit(const directory_state& state) {
  return std::max(state.config.trace_ttl, least_idle);
}

void sweep(directory_ptr self) {
  auto& state = self->state;
  if (state.asked_to_leave > 0)
    return;
  const auto now = state.config.now().steady;
  for (const auto& old : state.live.oldest(most_asked_to_leave))
    if (now - old.last_used >= idle_limit(state))
      ask_to_leave(self, old, idle_limit(state));
}

void make_room(directory_ptr self) {
  auto& state = self->state;
  if (state.live.size() < state.config.max_live || state.asked_to_leave >= most_asked_to_leave)
    return;
  for (const auto& old : state.live.oldest(2))
    ask_to_leave(self, old, least_idle);
}

void sweep_later(directory_ptr self) {
  const auto interval =
      std::clamp(self->state.config.trace_ttl / 4, milliseconds{100}, milliseconds{60'000});
  self->delayed_send(self, interval, atom::tick_v);
}

// ------------------------------------------------------------------ finding

// A session whose binding cannot be read is served all the same; its cache may be cold.
std::vector<policy::model_binding> restored(const directory_state& state, const trace_id& id) {
  const auto stored = state.config.find_binding(id);
  if (!stored)
    log::warn("trace.restore_failed", {{"trace", id.text}, {"why", stored.error().message()}});
  if (!stored || !*stored)
    return {};
  return (*stored)->all();
}

trace_actor find(directory_ptr self, const trace_key& key) {
  auto& state = self->state;
  const auto now = state.config.now().steady;
  if (const auto* live = state.live.use(key.id, now))
    return live->actor;
  make_room(self);
  auto fresh = self->spawn<caf::monitored>(
      trace, trace_config{.key = key, .restored = restored(state, key.id), .around = state.around});
  return state.live.add(key.id, std::move(fresh), now).actor;
}

// ------------------------------------------------------------------ listing, unbinding

using views = std::vector<trace_view>;

caf::typed_response_promise<views> list(directory_ptr self) {
  auto promise = self->make_response_promise<views>();
  const auto asked = self->state.live.newest(most_listed);
  if (asked.empty())
    return promise.deliver(views{});
  struct gathering {
    std::vector<std::optional<trace_view>> views;
    std::size_t missing;
  };
  auto gathered = std::make_shared<gathering>();
  gathered->views.resize(asked.size());
  gathered->missing = asked.size();
  auto answered = [gathered, promise]() mutable {
    if (--gathered->missing > 0)
      return;
    auto all = views{};
    for (auto& view : gathered->views)
      if (view)
        all.push_back(std::move(*view));
    promise.deliver(std::move(all));
  };
  for (auto i = std::size_t{0}; i < asked.size(); ++i)
    self->request(asked[i].actor, caf::infinite, atom::describe_v)
        .then(
            [gathered, answered, i](trace_view& view) mutable {
              gathered->views[i] = std::move(view);
              answered();
            },
            [answered](const caf::error&) mutable { answered(); });
  return promise;
}

void unbind_stored(directory_ptr self, const trace_id& id,
                   caf::typed_response_promise<bool> promise) {
  const auto stored = self->state.config.find_binding(id);
  if (!stored)
    return static_cast<void>(promise.deliver(to_caf(stored.error())));
  if (!*stored)
    return static_cast<void>(promise.deliver(false));
  auto step = store::write_batch{};
  step.cleared_bindings.push_back(id);
  self->request(self->state.config.recorder, caf::infinite, atom::write_v, std::move(step))
      .then([promise]() mutable { promise.deliver(true); },
            [promise](caf::error& failed) mutable { promise.deliver(std::move(failed)); });
}

caf::typed_response_promise<bool> unbind(directory_ptr self, const trace_id& id) {
  auto promise = self->make_response_promise<bool>();
  const auto* live = self->state.live.find(id);
  if (!live) {
    unbind_stored(self, id, promise);
    return promise;
  }
  self->request(live->actor, caf::infinite, atom::unbind_v)
      .then([promise](bool had) mutable { promise.deliver(had); },
            [promise](caf::error& failed) mutable { promise.deliver(std::move(failed)); });
  return promise;
}

} // namespace

directory_actor::behavior_type directory(directory_ptr self, directory_config config) {
  self->state.config = std::move(config);
  self->state.around = std::make_shared<trace_surroundings>(
      trace_surroundings{.recorder = self->state.config.recorder,
                         .affinity = self->state.config.affinity,
                         .now = self->state.config.now});
  self->set_down_handler([self](caf::down_msg& down) {
    if (down.reason) // one that left properly is forgotten by its answer
      self->state.live.forget(down.source);
  });
  self->set_exit_handler([self](caf::exit_msg& told) {
    for (const auto& live : self->state.live.newest(self->state.live.size()))
      self->send_exit(live.actor, told.reason);
    self->quit(told.reason);
  });
  sweep_later(self);
  return {
      [self](atom::find, const trace_key& key) { return find(self, key); },
      [self](atom::list) { return list(self); },
      [self](atom::unbind, const trace_id& id) { return unbind(self, id); },
      [self](atom::sweep) { sweep(self); },
      [self](atom::tick) {
        sweep(self);
        sweep_later(self);
      },
  };
}

} // namespace axonhub::actors
