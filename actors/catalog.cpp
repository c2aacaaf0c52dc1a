#include "actors/catalog.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <utility>

#include "actors/channel.hpp"
#include "actors/channel_settings.hpp"
#include "actors/errors.hpp"
#include "actors/world.hpp"
#include "base/log.hpp"

namespace axonhub::actors {
namespace {

using catalog_ptr = catalog_actor::stateful_pointer<catalog_state>;

// ------------------------------------------------------------------ channels

running_channel start_channel(catalog_ptr self, const channel_settings_ptr& settings) {
  auto load = std::make_shared<std::atomic<std::uint32_t>>(0);
  auto actor = self->spawn<caf::monitored>(
      channel, channel_config{.settings = settings, .now = self->state.config.now, .load = load});
  return {std::move(actor), std::move(load)};
}

// Starts, changes and drains channel actors until they are those of the current configuration.
void follow_configuration(catalog_ptr self) {
  auto& state = self->state;
  auto wanted = settings_of_channels(*state.current);
  for (auto known = state.channels.begin(); known != state.channels.end();) {
    if (wanted.contains(known->first)) {
      ++known;
      continue;
    }
    const auto& actor = known->second.running.actor;
    self->send(actor, atom::drain_v);
    state.draining.push_back(actor);
    known = state.channels.erase(known);
  }
  for (auto& [id, settings] : wanted) {
    auto& known = state.channels[id];
    if (!known.running.actor)
      known.running = start_channel(self, settings);
    else if (!are_same(*known.settings, *settings))
      self->send(known.running.actor, atom::adopt_v, settings);
    known.settings = std::move(settings);
  }
}

// ------------------------------------------------------------------ the world

void publish(catalog_ptr self) {
  auto& state = self->state;
  auto next = std::make_shared<world>();
  for (const auto& [id, known] : state.channels)
    next->channels.emplace(id, known.running);
  next->revision = ++state.config.last_revision;
  next->catalog = state.current;
  next->directory = state.config.parts.directory;
  next->nameless = state.config.parts.nameless;
  next->journal = state.config.parts.journal;
  next->recorder = state.config.parts.recorder;
  next->catalog_owner = self;
  state.newest = next;
  state.config.publish(next, [owner = next->catalog_owner, revision = next->revision] {
    caf::anon_send(owner, atom::adopted_v, revision);
  });
}

void adopt(catalog_ptr self, policy::catalog_data data) {
  self->state.current =
      std::make_shared<const policy::catalog>(std::move(data), self->state.config.hash_key);
  follow_configuration(self);
  publish(self);
}

// ------------------------------------------------------------------ changes

void start_next(catalog_ptr self);

void end_change(catalog_ptr self, change_answer answer) {
  auto& state = self->state;
  state.waiting.front().promise.deliver(std::move(answer));
  state.waiting.pop_front();
  state.busy = false;
  start_next(self);
}

void refuse(catalog_ptr self, failure why) {
  end_change(self, {.adopted = nullptr, .refused = std::move(why)});
}

failure not_durable(const caf::error& why) {
  const auto code = to_error_code(why);
  const auto kind = code.category() == axonhub_category() ? static_cast<errc>(code.value())
                                                          : errc::unknown_failure;
  return {kind, "the change was not made, because it could not be written: " + code.message()};
}

void start_next(catalog_ptr self) {
  auto& state = self->state;
  if (state.busy || state.waiting.empty())
    return;
  state.busy = true;
  auto applied = policy::apply(state.current->data(), state.waiting.front().change);
  if (!applied)
    return refuse(self, applied.error());
  auto step = store::write_batch{};
  step.edits = std::move(applied->edits);
  step.audit.push_back(state.waiting.front().change.audit);
  auto data = std::make_shared<policy::catalog_data>(std::move(applied->data));
  self->request(state.config.parts.recorder, caf::infinite, atom::write_v, std::move(step))
      .then(
          [self, data] {
            self->state.waiting.front().durable = true;
            adopt(self, std::move(*data));
          },
          [self](const caf::error& why) { refuse(self, not_durable(why)); });
}

// The change under way is part of the newest world; any thread's older world is not it.
void adopted_everywhere(catalog_ptr self, std::uint64_t revision) {
  auto& state = self->state;
  if (!state.newest || revision < state.newest->revision)
    return;
  if (state.busy && !state.waiting.empty() && state.waiting.front().durable)
    end_change(self, {.adopted = state.newest, .refused = {}});
}

// ------------------------------------------------------------------ life

void leave(catalog_ptr self, caf::error why) {
  auto& state = self->state;
  for (auto& w : std::exchange(state.waiting, {}))
    w.promise.deliver(to_caf(errc::shutting_down));
  for (const auto& [id, known] : state.channels)
    self->send_exit(known.running.actor, caf::exit_reason::user_shutdown);
  for (const auto& channel : state.draining)
    self->send_exit(channel, caf::exit_reason::user_shutdown);
  self->quit(std::move(why));
}

void start(catalog_ptr self) {
  auto& state = self->state;
  state.busy = true;
  // An empty step is answered after every write before it.
  self->request(state.config.parts.recorder, caf::infinite, atom::write_v, store::write_batch{})
      .then(
          [self] {
            auto data = self->state.config.load();
            if (!data) {
              log::error("catalog.load_failed", {{"why", data.error().message()}});
              return leave(self, to_caf(data.error()));
            }
            adopt(self, std::move(*data));
            self->state.busy = false;
            start_next(self);
          },
          [self](caf::error& gone) { leave(self, std::move(gone)); });
}

void a_channel_ended(catalog_ptr self, const caf::down_msg& ended) {
  auto& state = self->state;
  if (std::erase_if(state.draining, [&](const auto& c) { return c.address() == ended.source; }) > 0)
    return;
  const auto found = std::ranges::find_if(state.channels, [&](const auto& c) {
    return c.second.running.actor.address() == ended.source;
  });
  if (found == state.channels.end())
    return;
  if (!state.restarts.allow(state.config.now().steady))
    return leave(self, ended.reason);
  log::error("channel.restarted", {{"channel", found->first.text}});
  found->second.running = start_channel(self, found->second.settings);
  publish(self);
}

} // namespace

catalog_actor::behavior_type catalog(catalog_ptr self, catalog_config config) {
  self->state.config = std::move(config);
  self->set_down_handler([self](caf::down_msg& ended) { a_channel_ended(self, ended); });
  self->set_exit_handler([self](caf::exit_msg& told) { leave(self, told.reason); });
  start(self);
  return {
      [self](atom::change, const policy::catalog_change& change) {
        auto promise = self->make_response_promise<change_answer>();
        self->state.waiting.push_back({.change = change, .promise = promise});
        start_next(self);
        return promise;
      },
      [self](atom::adopt, const world_parts& parts) {
        self->state.config.parts = parts;
        if (self->state.current)
          publish(self);
      },
      [self](atom::adopted, std::uint64_t revision) { adopted_everywhere(self, revision); },
  };
}

} // namespace axonhub::actors
