#include "actors/trace.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <utility>

namespace axonhub::actors {
namespace {

using trace_ptr = trace_actor::stateful_pointer<trace_state>;

/// One attempt that looks for its lease.
struct search {
  route_walk walk;
  caf::typed_response_promise<route_answer> promise;
};
using search_ptr = std::shared_ptr<search>;

std::optional<session_home> home_now(const trace_state& state, wall_time now) {
  if (state.bound && !policy::has_expired(*state.bound, now, state.config.affinity))
    return session_home{.channel = state.bound->channel, .credential = state.bound->credential};
  return state.tentative;
}

std::optional<session_home> home_of(trace_state& state, wall_time now) {
  if (state.bound && policy::has_expired(*state.bound, now, state.config.affinity))
    state.bound.reset();
  return home_now(state, now);
}

bool failed_at(const route_request& wanted, const session_home& home) {
  return std::ranges::any_of(wanted.failed, [&](const failed_attempt& f) {
    return f.channel == home.channel && f.credential == home.credential;
  });
}

// Requests that start before the first one has bound go the same way; when the way turns out bad,
// the tentative home moves with the request that found out.
void choose_tentatively(trace_state& state, const route_request& wanted,
                        const policy::lease& given) {
  if (state.config.key.id.empty() || state.bound)
    return;
  if (!state.tentative || failed_at(wanted, *state.tentative))
    state.tentative =
        session_home{.channel = given.channel, .credential = given.credential, .tentative = true};
}

// A channel that has answered alone since the session began has signed all its thinking. What was
// before this actor's start is not known.
bool may_hold_foreign_thinking(const trace_state& state, const channel_id& asked) {
  return state.config.restored || state.answered.size() != 1 || state.answered.front() != asked;
}

void grant(trace_state& state, search& s, const route_walk::step& asked, policy::lease given) {
  given.why = asked.why;
  given.fallback = asked.to->what.fallback;
  if (asked.question.last_resort)
    state.in_flight[s.walk.wanted().request] = true;
  choose_tentatively(state, s.walk.wanted(), given);
  auto answer = route_answer{};
  answer.actor = asked.to->actor;
  answer.moved = state.bound && state.bound->channel != given.channel;
  answer.home = state.bound;
  answer.may_hold_foreign_thinking = may_hold_foreign_thinking(state, given.channel);
  if (answer.moved)
    answer.warm_tokens_left = policy::price_of_leaving(*state.bound, state.config.now().wall);
  answer.granted = std::move(given);
  answer.refused = s.walk.refused();
  s.promise.deliver(std::move(answer));
}

void ask_next(trace_ptr self, search_ptr s);

void refuse(trace_ptr self, search_ptr s, policy::refusal why) {
  s->walk.refuse(std::move(why));
  ask_next(self, std::move(s));
}

void ask_next(trace_ptr self, search_ptr s) {
  const auto asked = s->walk.next();
  if (!asked) {
    self->state.in_flight.erase(s->walk.wanted().request);
    auto answer = route_answer{};
    answer.refused = s->walk.refused();
    s->promise.deliver(std::move(answer));
    return;
  }
  self->request(asked->to->actor, caf::infinite, atom::acquire_v, asked->question)
      .then(
          [self, s, asked](const policy::acquire_answer& said) {
            if (said.granted)
              grant(self->state, *s, *asked, *said.granted);
            else
              refuse(self, s, said.refused);
          },
          [self, s, asked](const caf::error&) { // it has ended
            refuse(self, s, {.channel = asked->to->what.channel, .why = policy::reason::stopping});
          });
}

caf::typed_response_promise<route_answer> route(trace_ptr self, const route_request& wanted) {
  auto& state = self->state;
  const auto now = state.config.now();
  state.last_used = now.steady;
  const auto known = state.in_flight.try_emplace(wanted.request, false).first;
  auto promise = self->make_response_promise<route_answer>();
  ask_next(self, std::make_shared<search>(route_walk{wanted, state.config.key.id,
                                                     home_of(state, now.wall), known->second},
                                          promise));
  return promise;
}

void tell_binding(trace_ptr self) {
  auto& state = self->state;
  const auto& key = state.config.key;
  self->send(state.config.recorder, atom::bind_v,
             store::stored_binding{.trace = key.id,
                                   .project = key.project,
                                   .external_trace = key.external,
                                   .bound = *state.bound});
  state.told = state.bound;
}

// The stored time of the last use may lag behind a little: not every request costs a write.
bool is_worth_telling(const trace_state& state) {
  constexpr auto most_lag = milliseconds{std::chrono::seconds{30}};
  if (!state.bound || !state.told)
    return state.bound.has_value();
  return state.bound->channel != state.told->channel ||
         state.bound->credential != state.told->credential ||
         state.bound->last_used_at - state.told->last_used_at >=
             std::min(most_lag, state.config.affinity.ttl / 4);
}

void remember_answer(trace_state& state, const policy::request_outcome& outcome) {
  constexpr auto most = std::size_t{2}; // more than one is all that is asked for
  if (outcome.served && outcome.completed && state.answered.size() < most &&
      std::ranges::find(state.answered, outcome.served->channel) == state.answered.end())
    state.answered.push_back(outcome.served->channel);
}

void finish(trace_ptr self, const policy::request_outcome& outcome) {
  auto& state = self->state;
  const auto now = state.config.now();
  state.last_used = now.steady;
  state.in_flight.erase(outcome.request);
  if (state.config.key.id.empty())
    return;
  remember_answer(state, outcome);
  auto change =
      policy::binding_after(std::move(state.bound), outcome, now.wall, state.config.affinity);
  state.bound = std::move(change.next);
  state.moves += change.moved ? 1 : 0;
  if (state.bound || state.in_flight.empty())
    state.tentative.reset();
  if (is_worth_telling(state))
    tell_binding(self);
}

// What a request binds while the write runs is newer, and stays.
caf::typed_response_promise<bool> unbind(trace_ptr self) {
  auto promise = self->make_response_promise<bool>();
  auto& state = self->state;
  state.tentative.reset();
  state.told.reset();
  auto had = std::exchange(state.bound, std::nullopt);
  if (!had)
    return promise.deliver(false);
  auto step = store::write_batch{};
  step.cleared_bindings.push_back(state.config.key.id);
  self->request(state.config.recorder, caf::infinite, atom::write_v, std::move(step))
      .then([promise]() mutable { promise.deliver(true); },
            [self, promise, had](caf::error& failed) mutable {
              if (!self->state.bound)
                self->state.bound = had;
              promise.deliver(std::move(failed));
            });
  return promise;
}

bool leave_if_idle(trace_ptr self, milliseconds idle) {
  auto& state = self->state;
  if (!state.in_flight.empty() || state.config.now().steady - state.last_used < idle)
    return false;
  if (state.bound && state.told && state.bound->last_used_at != state.told->last_used_at)
    tell_binding(self);
  self->quit();
  return true;
}

} // namespace

trace_actor::behavior_type trace(trace_ptr self, trace_config config) {
  auto& state = self->state;
  state.config = std::move(config);
  state.bound = state.told = state.config.restored;
  state.last_used = state.config.now().steady;
  return {
      [self](atom::route, const route_request& wanted) { return route(self, wanted); },
      [self](atom::finish, const policy::request_outcome& outcome) { finish(self, outcome); },
      [self](atom::describe) {
        const auto& state = self->state;
        return trace_view{.key = state.config.key,
                          .bound = state.bound,
                          .home = home_now(state, state.config.now().wall),
                          .in_flight = static_cast<std::uint32_t>(state.in_flight.size()),
                          .moves = state.moves};
      },
      [self](atom::unbind) { return unbind(self); },
      [self](atom::sweep, milliseconds idle) { return leave_if_idle(self, idle); },
  };
}

} // namespace axonhub::actors
