#include "actors/catalog.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <limits>
#include <memory>
#include <utility>

#include "actors/channel.hpp"
#include "actors/channel_settings.hpp"
#include "actors/errors.hpp"
#include "actors/key_budget.hpp"
#include "actors/key_settings.hpp"
#include "actors/world.hpp"
#include "base/log.hpp"

namespace axonhub::actors {
namespace {

using catalog_ptr = catalog_actor::stateful_pointer<catalog_state>;

// ------------------------------------------------------------------ channels

running_channel start_channel(catalog_ptr self, const channel_settings_ptr& settings) {
  auto load = std::make_shared<std::atomic<std::uint32_t>>(0);
  auto actor = self->spawn<caf::monitored>(
      channel,
      channel_config{
          .settings = settings, .now = self->state.config.now, .load = load, .catalog = self});
  return {std::move(actor), std::move(load)};
}

// Starts, changes and drains channel actors until they are those of the current configuration.
void follow_channels(catalog_ptr self) {
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

// ------------------------------------------------------------------ keys

// A key whose counters cannot be read is served all the same: it starts from nothing.
policy::key_counters counted_before(const catalog_state& state, const key_id& id) {
  if (!state.config.find_counters)
    return {};
  auto found = state.config.find_counters(id);
  if (found)
    return std::move(*found);
  log::error("budget.restore_failed", {{"key", id.text}, {"why", found.error().message()}});
  return {};
}

key_budget_actor start_key(catalog_ptr self, const key_settings_ptr& settings) {
  const auto& config = self->state.config;
  return self->spawn<caf::monitored>(
      key_budget, key_budget_config{.settings = settings,
                                    .restored = counted_before(self->state, settings->key),
                                    .recorder = config.parts.recorder,
                                    .now = config.now});
}

void end_key(catalog_ptr self, const key_budget_actor& actor) {
  self->send(actor, atom::drain_v);
  self->state.ending_keys.push_back(actor);
}

// Threads with an older world may ask it until all have a newer one.
void retire_key(catalog_ptr self, const key_budget_actor& actor) {
  auto& state = self->state;
  state.former_keys.push_back({actor, state.config.last_revision + 1});
}

void end_former_keys(catalog_ptr self, std::uint64_t adopted) {
  std::erase_if(self->state.former_keys, [&](const catalog_state::former_key& former) {
    if (former.revision <= adopted)
      end_key(self, former.actor);
    return former.revision <= adopted;
  });
}

// The same for the actors of keys.
void follow_keys(catalog_ptr self) {
  auto& state = self->state;
  auto wanted = settings_of_keys(*state.current);
  for (auto running = state.keys.begin(); running != state.keys.end();) {
    if (wanted.contains(running->first)) {
      ++running;
      continue;
    }
    retire_key(self, running->second.actor);
    running = state.keys.erase(running);
  }
  for (auto& [id, settings] : wanted) {
    auto& running = state.keys[id];
    if (!running.actor)
      running.actor = start_key(self, settings);
    else if (running.settings->rules != settings->rules)
      self->send(running.actor, atom::adopt_v, settings);
    running.settings = std::move(settings);
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
  for (const auto& [id, running] : state.keys)
    next->budgets.emplace(id, running.actor);
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
  if (self->state.leaving)
    return;
  self->state.current =
      std::make_shared<const policy::catalog>(std::move(data), self->state.config.hash_key);
  follow_channels(self);
  follow_keys(self);
  publish(self);
}

// ------------------------------------------------------------------ changes

void start_next(catalog_ptr self);
void leave_after_the_changes(catalog_ptr self);

void end_change(catalog_ptr self, change_answer answer) {
  auto& state = self->state;
  state.waiting.front().promise.deliver(std::move(answer));
  state.waiting.pop_front();
  state.busy = false;
  start_next(self);
  leave_after_the_changes(self);
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
            if (self->state.leaving)
              return; // nobody waits any more
            self->state.waiting.front().durable = true;
            adopt(self, std::move(*data));
          },
          [self](const caf::error& why) {
            if (!self->state.leaving)
              refuse(self, not_durable(why));
          });
}

// The change under way is part of the newest world; any thread's older world is not it.
void adopted_everywhere(catalog_ptr self, std::uint64_t revision) {
  auto& state = self->state;
  end_former_keys(self, revision);
  if (!state.newest || revision < state.newest->revision)
    return;
  if (state.busy && !state.waiting.empty() && state.waiting.front().durable)
    end_change(self, {.adopted = state.newest, .refused = {}});
}

// ------------------------------------------------------------------ life

void leave_after_the_keys(catalog_ptr self) {
  auto& state = self->state;
  if (state.leaving && state.ending_keys.empty())
    self->quit(*state.leaving);
}

void leave(catalog_ptr self, caf::error why) {
  auto& state = self->state;
  if (state.leaving)
    return;
  for (auto& w : std::exchange(state.waiting, {}))
    w.promise.deliver(to_caf(errc::shutting_down));
  for (const auto& [id, known] : state.channels)
    self->send_exit(known.running.actor, caf::exit_reason::user_shutdown);
  for (const auto& channel : state.draining)
    self->send_exit(channel, caf::exit_reason::user_shutdown);
  for (const auto& [id, running] : std::exchange(state.keys, {}))
    end_key(self, running.actor);
  end_former_keys(self, std::numeric_limits<std::uint64_t>::max());
  state.leaving = std::move(why);
  leave_after_the_keys(self);
}

void leave_after_the_changes(catalog_ptr self) {
  const auto& state = self->state;
  if (state.told_to_end && state.waiting.empty())
    leave(self, *state.told_to_end);
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

// True when it was a key's actor.
bool a_key_ended(catalog_ptr self, const caf::down_msg& ended) {
  auto& state = self->state;
  if (std::erase_if(state.ending_keys, [&](const auto& k) { return k.address() == ended.source; }) >
      0) {
    leave_after_the_keys(self);
    return true;
  }
  if (std::erase_if(state.former_keys,
                    [&](const auto& k) { return k.actor.address() == ended.source; }) > 0)
    return true;
  const auto found = std::ranges::find_if(
      state.keys, [&](const auto& k) { return k.second.actor.address() == ended.source; });
  if (found == state.keys.end())
    return false;
  if (state.restarts.allow(state.config.now().steady)) {
    log::error("key_budget.restarted", {{"key", found->first.text}});
    found->second.actor = start_key(self, found->second.settings);
    publish(self);
  } else {
    state.keys.erase(found);
    leave(self, ended.reason);
  }
  return true;
}

void a_child_ended(catalog_ptr self, const caf::down_msg& ended) {
  auto& state = self->state;
  if (a_key_ended(self, ended) || state.leaving)
    return;
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
  self->set_down_handler([self](caf::down_msg& ended) { a_child_ended(self, ended); });
  self->set_exit_handler([self](caf::exit_msg& told) {
    self->state.told_to_end = told.reason;
    leave_after_the_changes(self);
  });
  start(self);
  return {
      [self](atom::change, const policy::catalog_change& change) {
        auto promise = self->make_response_promise<change_answer>();
        if (self->state.leaving)
          return promise.deliver(to_caf(errc::shutting_down));
        self->state.waiting.push_back({.change = change, .promise = promise});
        start_next(self);
        return promise;
      },
      [self](atom::adopt, const world_parts& parts) {
        self->state.config.parts = parts;
        if (self->state.current && !self->state.leaving)
          publish(self);
      },
      [self](atom::adopted, std::uint64_t revision) { adopted_everywhere(self, revision); },
  };
}

} // namespace axonhub::actors
