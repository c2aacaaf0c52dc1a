#include "actors/channel.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <utility>

#include "base/log.hpp"
#include "policy/bench.hpp"
#include "policy/repair.hpp"

namespace axonhub::actors {
namespace {

using channel_ptr = channel_actor::stateful_pointer<channel_state>;
using policy::acquire_answer;
using policy::acquire_request;

std::vector<policy::credential_facts> facts_of(const channel_settings& settings) {
  auto facts = std::vector<policy::credential_facts>{};
  for (const auto& c : settings.credentials)
    facts.push_back({c.id, c.enabled, c.invalid_reason, c.expires_at, c.revision});
  return facts;
}

/// Evenly from [0, 1). The same lease at the same time has the same one, so that what runs in
/// virtual time can be repeated.
double jitter_of(std::uint64_t lease, steady_time now) {
  // The mixing of splitmix64: every bit of its input moves every bit of what comes out.
  auto bits =
      lease * 0x9e3779b97f4a7c15 ^ static_cast<std::uint64_t>(now.time_since_epoch().count());
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  bits ^= bits >> 31;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

const policy::channel_limits& limits_of(const channel_state& state) {
  return state.config.settings->channel.limits;
}

// ------------------------------------------------------------------ leases

acquire_answer refuse(const channel_state& state, policy::gate_refusal why) {
  const auto full = why.why == policy::gate_reason::concurrency;
  return {.granted = {},
          .refused = {.channel = state.config.settings->channel.id,
                      .why = full ? policy::reason::full : policy::reason::rate_limit,
                      .wait = why.wait}};
}

void show_load(const channel_state& state) {
  if (state.config.load)
    state.config.load->store(static_cast<std::uint32_t>(state.health->in_flight()),
                             std::memory_order_relaxed);
}

/// Its limits' refusal, unless health has one: that ends later.
std::optional<acquire_answer> refused_by_limits(channel_state& state, const acquire_request& wanted,
                                                instant now) {
  const auto& limits = limits_of(state).rate;
  const auto closed = limits.any() ? state.gate.check(limits, now.steady) : std::nullopt;
  if (!closed)
    return std::nullopt;
  auto unwell = state.health->would_refuse(wanted, state.credentials, now);
  return unwell ? acquire_answer{.granted = {}, .refused = *std::move(unwell)}
                : refuse(state, *closed);
}

/// Whoever had them has died without a word.
void forget_lost_leases(channel_state& state, steady_time now) {
  while (const auto lost = state.health->take_lost(now)) {
    state.gate.leave(*lost, std::nullopt, now);
    log::warn("lease.lost", {{"channel", state.config.settings->channel.id.text}});
  }
}

/// Nobody asks a channel that drains any more: it looks itself, until they have all come back.
void look_after_leases(channel_ptr self) {
  if (self->state.draining && self->state.health->in_flight() > 0)
    self->delayed_send(self, policy::health_rules{}.longest_lease, atom::tick_v);
}

/// A lease, if health and limits allow one now.
acquire_answer acquire(channel_state& state, const acquire_request& wanted) {
  const auto now = state.config.now();
  forget_lost_leases(state, now.steady);
  if (auto closed = refused_by_limits(state, wanted, now))
    return *std::move(closed);
  auto answer = state.health->acquire(wanted, state.credentials, now);
  if (answer.granted) { // also without limits: the operator may set one now
    state.gate.enter(answer.granted->number, wanted.tokens, now.steady);
    show_load(state);
  }
  return answer;
}

/// The bench holds at once, here; the catalog makes it outlive this process. Where it cannot, the
/// upstream will refuse the credential anew.
void bench_for_good(channel_ptr self, const policy::release_effect& effect) {
  const auto& state = self->state;
  const auto& settings = *state.config.settings;
  log::warn("credential.benched", {{"channel", settings.channel.id.text},
                                   {"credential", effect.benched->text},
                                   {"reason", effect.bench_reason}});
  const auto known =
      std::ranges::find(settings.credentials, *effect.benched, &policy::credential::id);
  if (!state.config.catalog || known == settings.credentials.end())
    return;
  auto change = policy::change_to_bench(*known, effect, state.config.now().wall);
  if (!change)
    return;
  const auto failed = [id = *effect.benched](std::string why) {
    log::warn("credential.bench_not_kept", {{"credential", id.text}, {"why", why}});
  };
  self->request(state.config.catalog, caf::infinite, atom::change_v, *std::move(change))
      .then(
          [failed](const change_answer& said) {
            if (said.refused)
              failed(said.refused->message);
          },
          [failed](const caf::error& gone) { failed(to_string(gone)); });
}

void take_back(channel_ptr self, const policy::attempt_outcome& outcome) {
  auto& state = self->state;
  const auto now = state.config.now();
  if (outcome.unused)
    state.gate.withdraw(outcome.used.number);
  else
    state.gate.leave(outcome.used.number, outcome.tokens, now.steady);
  const auto effect = state.health->release(outcome, state.credentials, now,
                                            jitter_of(outcome.used.number, now.steady));
  show_load(state);
  if (effect.benched)
    bench_for_good(self, effect);
}

// ------------------------------------------------------------------ the queue

/// Whether a refusal may end by waiting: a place or the minute's room comes back in time.
bool is_worth_waiting(const channel_state& state, const policy::refusal& why) {
  using policy::reason;
  return (why.why == reason::full || why.why == reason::rate_limit) &&
         why.wait <= limits_of(state).queue_timeout && !state.draining;
}

/// Whether one more of this key may wait. In a full queue a key that fills it gives way.
bool has_room(const channel_state& state, const key_id& key) {
  const auto most = limits_of(state).queue_size;
  return state.queue.size() < most || (most > 0 && state.queue.would_displace(key));
}

void make_room(channel_state& state, const key_id& key) {
  if (state.queue.size() < limits_of(state).queue_size)
    return;
  if (auto displaced = state.queue.displace(key))
    displaced->promise.deliver(refuse(state, {policy::gate_reason::concurrency}));
}

/// One tick, for whoever has waited longest or for the moment when the minute has room.
void wake_in_time(channel_ptr self, std::optional<policy::gate_refusal> closed) {
  auto& state = self->state;
  if (state.queue.empty())
    return;
  const auto now = state.config.now().steady;
  auto next = steady_time::max();
  state.queue.for_each([&](const auto& w) { next = std::min(next, w.until); });
  if (closed && closed->wait.count() > 0)
    next = std::min(next, now + closed->wait);
  if (state.wakes_at && *state.wakes_at <= next)
    return;
  state.wakes_at = next;
  self->delayed_send(self, std::max(std::chrono::ceil<milliseconds>(next - now), milliseconds{1}),
                     atom::tick_v);
}

/// Whether who waits has ended meanwhile: a lease would be lost on it.
bool is_gone(const channel_state::waiting& w) {
  return w.asker && w.asker->get()->getf(caf::abstract_actor::is_terminated_flag);
}

/// Gives away what has become free, and sends home who has waited too long.
void serve_queue(channel_ptr self) {
  auto& state = self->state;
  const auto now = state.config.now().steady;
  state.queue.remove_if(
      [&](const auto& w) { return w.until <= now || state.draining || is_gone(w); },
      [&](channel_state::waiting w) {
        w.promise.deliver(state.draining ? acquire(state, w.wanted)
                                         : refuse(state, {policy::gate_reason::concurrency}));
      });
  auto closed = std::optional<policy::gate_refusal>{};
  while (!state.queue.empty()) {
    closed = state.gate.check(limits_of(state).rate, now);
    if (closed)
      break;
    auto next = *state.queue.pop();
    next.promise.deliver(acquire(state, next.wanted));
  }
  wake_in_time(self, closed);
}

/// Who comes later stands behind those who wait.
acquire_answer refuse_for_queue(const channel_state& state, const acquire_request& wanted) {
  auto unwell = state.health->would_refuse(wanted, state.credentials, state.config.now());
  return unwell ? acquire_answer{.granted = {}, .refused = *std::move(unwell)}
                : refuse(state, {policy::gate_reason::concurrency});
}

acquire_answer acquire_in_turn(channel_ptr self, const acquire_request& wanted) {
  auto& state = self->state;
  serve_queue(self);
  return state.queue.empty() ? acquire(state, wanted) : refuse_for_queue(state, wanted);
}

void abandon(channel_ptr self, const request_id& gone) {
  auto& state = self->state;
  state.queue.remove_if([&](const auto& w) { return w.wanted.request == gone; },
                        [&](channel_state::waiting w) {
                          w.promise.deliver(refuse(state, {policy::gate_reason::concurrency}));
                        });
}

bool may_queue(const channel_state& state, const acquire_request& wanted,
               const policy::refusal& why) {
  return wanted.may_wait && is_worth_waiting(state, why) && has_room(state, wanted.key);
}

/// What answer() would say, and change nothing.
acquire_answer preview(channel_state& state, const acquire_request& wanted) {
  const auto now = state.config.now();
  auto said = acquire_answer{};
  if (!state.queue.empty())
    said = refuse_for_queue(state, wanted);
  else if (auto closed = refused_by_limits(state, wanted, now))
    said = *std::move(closed);
  else if (auto unwell = state.health->would_refuse(wanted, state.credentials, now))
    said.refused = *std::move(unwell);
  else
    said.granted.emplace();
  if (!said.granted && may_queue(state, wanted, said.refused))
    said.granted.emplace();
  if (said.granted)
    said.granted->channel = state.config.settings->channel.id;
  return said;
}

caf::result<acquire_answer> answer(channel_ptr self, const acquire_request& wanted) {
  auto& state = self->state;
  auto said = state.queue.empty() ? acquire(state, wanted) : acquire_in_turn(self, wanted);
  if (said.granted || !may_queue(state, wanted, said.refused))
    return said;
  make_room(state, wanted.key);
  const auto now = state.config.now().steady;
  auto asker = self->current_sender(); // the promise takes it away
  auto waiting =
      channel_state::waiting{.wanted = wanted,
                             .promise = held_promise{self->make_response_promise<acquire_answer>()},
                             .asker = std::move(asker),
                             .until = now + limits_of(state).queue_timeout};
  const auto promise = waiting.promise.promise();
  state.queue.push(wanted.key, std::move(waiting));
  wake_in_time(self, state.gate.check(limits_of(state).rate, now));
  return promise;
}

} // namespace

channel_actor::behavior_type channel(channel_ptr self, channel_config config) {
  self->state.config = std::move(config);
  self->state.credentials = facts_of(*self->state.config.settings);
  self->state.health.emplace(self->state.config.settings->channel.id);
  auto leave_when_drained = [self] {
    if (self->state.draining && self->state.health->in_flight() == 0)
      self->quit();
  };
  return {
      [self](atom::acquire, const acquire_request& wanted) { return answer(self, wanted); },
      [self](atom::preview, const acquire_request& wanted) { return preview(self->state, wanted); },
      [self, leave_when_drained](atom::release, const policy::attempt_outcome& outcome) {
        take_back(self, outcome);
        serve_queue(self);
        leave_when_drained();
      },
      [self](atom::abandon, const request_id& gone) { abandon(self, gone); },
      [self](atom::alive, const policy::lease& used) {
        self->state.health->alive(used, self->state.credentials);
      },
      [self](atom::renew, const policy::lease& used) {
        self->state.health->renew(used, self->state.config.now().steady);
      },
      [self](atom::adopt, const channel_settings_ptr& settings) {
        auto& state = self->state;
        const auto former = std::exchange(state.config.settings, settings);
        state.credentials = facts_of(*settings);
        if (policy::is_repair(former->channel, settings->channel))
          state.health->restore(state.config.now().steady);
        serve_queue(self);
      },
      [self](atom::describe) {
        auto view = self->state.health->view(self->state.credentials, self->state.config.now());
        view.queued = self->state.queue.size();
        return view;
      },
      [self](atom::restore, const credential_id& id) {
        self->state.health->restore(id, self->state.config.now().steady);
      },
      [self](atom::restore) { self->state.health->restore(self->state.config.now().steady); },
      [self, leave_when_drained](atom::drain) {
        self->state.draining = true;
        self->state.health->stop();
        serve_queue(self);
        look_after_leases(self);
        leave_when_drained();
      },
      [self, leave_when_drained](atom::tick) {
        auto& state = self->state;
        const auto now = state.config.now().steady;
        if (state.wakes_at && *state.wakes_at <= now)
          state.wakes_at.reset();
        forget_lost_leases(state, now);
        look_after_leases(self);
        serve_queue(self);
        leave_when_drained();
      },
  };
}

} // namespace axonhub::actors
