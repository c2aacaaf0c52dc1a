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
  std::uint64_t number = 0;
};
using search_ptr = std::shared_ptr<search>;

bool failed_at(const route_request& wanted, const session_home& home) {
  return std::ranges::any_of(wanted.failed, [&](const failed_attempt& f) {
    return f.channel == home.channel && f.credential == home.credential;
  });
}

// Requests that start before the first one has bound go the same way; when the way turns out bad,
// the tentative home moves with the request that found out.
void choose_tentatively(trace_state& state, const route_request& wanted, bool is_bound,
                        const policy::lease& given) {
  if (state.key.id.empty() || is_bound)
    return;
  const auto* chosen = state.book.choice(wanted.model);
  if (chosen == nullptr || failed_at(wanted, *chosen))
    state.book.choose(wanted.model, given);
}

// Who has answered alone since the session began has signed all its thinking, unless an upstream
// said otherwise. What was before this actor's start is not known.
bool may_hold_foreign_thinking(const trace_state& state, const policy::lease& asked) {
  return state.foreign_thinking || state.has_past || state.answered.size() != 1 ||
         state.answered.front() != trace_state::signer{asked.channel, asked.credential};
}

/// The request that this search is for, unless it has ended meanwhile or looks anew.
trace_state::open_request* still_wanted(trace_state& state, const search& s) {
  const auto known = state.in_flight.find(s.walk.wanted().request);
  return known != state.in_flight.end() && known->second.search == s.number ? &known->second
                                                                            : nullptr;
}

void grant(trace_ptr self, search& s, const route_walk::step& asked, policy::lease given) {
  auto& state = self->state;
  auto* request = still_wanted(state, s);
  if (request == nullptr) { // nobody would give it back
    self->send(asked.to->actor, atom::release_v,
               policy::attempt_outcome{
                   .used = std::move(given), .neutral = true, .tokens = 0, .unused = true});
    return;
  }
  given.why = asked.why;
  given.fallback = asked.to->what.fallback;
  request->had_last_resort |= asked.question.last_resort;
  const auto now = state.around->now().wall;
  const auto* bound = state.book.find(s.walk.wanted().model, now, state.around->affinity);
  auto answer = route_answer{};
  answer.actor = asked.to->actor;
  answer.moved = bound != nullptr && bound->channel != given.channel;
  if (bound != nullptr)
    answer.home = *bound;
  answer.may_hold_foreign_thinking = may_hold_foreign_thinking(state, given);
  if (answer.moved)
    answer.warm_tokens_left = policy::price_of_leaving(*bound, now);
  choose_tentatively(state, s.walk.wanted(), bound != nullptr, given);
  answer.granted = std::move(given);
  answer.refused = s.walk.refused();
  answer.loads = s.walk.take_loads();
  s.promise.deliver(std::move(answer));
}

void ask_next(trace_ptr self, search_ptr s);

void refuse(trace_ptr self, search_ptr s, policy::refusal why) {
  s->walk.refuse(std::move(why));
  ask_next(self, std::move(s));
}

void ask_next(trace_ptr self, search_ptr s) {
  const auto wanted = still_wanted(self->state, *s) != nullptr;
  const auto asked = wanted ? s->walk.next() : std::nullopt;
  if (!asked) {
    if (wanted)
      self->state.in_flight.erase(s->walk.wanted().request);
    auto answer = route_answer{};
    answer.refused = s->walk.refused();
    answer.loads = s->walk.take_loads();
    s->promise.deliver(std::move(answer));
    return;
  }
  self->request(asked->to->actor, caf::infinite, atom::acquire_v, asked->question)
      .then(
          [self, s, asked](const policy::acquire_answer& said) {
            if (said.granted)
              grant(self, *s, *asked, *said.granted);
            else
              refuse(self, s, said.refused);
          },
          [self, s, asked](const caf::error&) { // it has ended
            refuse(self, s, {.channel = asked->to->what.channel, .why = policy::reason::stopping});
          });
}

caf::typed_response_promise<route_answer> route(trace_ptr self, route_request& wanted) {
  auto& state = self->state;
  const auto now = state.around->now();
  state.last_used = now.steady;
  auto& request =
      state.in_flight
          .try_emplace(wanted.request, trace_state::open_request{.model = wanted.model,
                                                                 .generation = state.generation})
          .first->second;
  request.search = ++state.last_search;
  auto home = state.book.home(wanted.model, now.wall, state.around->affinity);
  const auto is_open = [](const auto& h) { return !h || h->tentative; };
  // What its own attempts chose for the session tells their successors nothing.
  if (wanted.failed.empty())
    request.home = home;
  else if (is_open(home) && is_open(request.home))
    home = request.home;
  auto promise = self->make_response_promise<route_answer>();
  ask_next(self, std::make_shared<search>(route_walk{std::move(wanted), state.key.id,
                                                     std::move(home), request.had_last_resort},
                                          promise, request.search));
  return promise;
}

void tell_bindings(trace_ptr self) {
  auto& state = self->state;
  const auto& key = state.key;
  state.told = state.book.bindings();
  auto stored = store::stored_binding{
      .trace = key.id, .project = key.project, .external_trace = key.external, .bound = {}};
  stored.set(state.told);
  self->send(state.around->recorder, atom::bind_v, std::move(stored));
}

/// How far the stored time of the last use lags behind; what is bound elsewhere lags for ever.
milliseconds lag(const trace_state& state) {
  auto longest = milliseconds{0};
  for (const auto& e : state.book.entries()) {
    if (!e.bound)
      continue;
    const auto told = std::ranges::find(state.told, e.model, &policy::model_binding::model);
    if (told == state.told.end() || told->bound.channel != e.bound->channel ||
        told->bound.credential != e.bound->credential)
      return milliseconds::max();
    longest = std::max(longest, e.bound->last_used_at - told->bound.last_used_at);
  }
  return longest;
}

// Not every request costs a write.
bool is_worth_telling(const trace_state& state) {
  constexpr auto most_lag = milliseconds{std::chrono::seconds{30}};
  const auto behind = lag(state);
  return behind > milliseconds{0} && behind >= std::min(most_lag, state.around->affinity.ttl / 4);
}

void remember_answer(trace_state& state, const policy::request_outcome& outcome) {
  constexpr auto most = std::size_t{2}; // more than one is all that is asked for
  state.foreign_thinking |= outcome.foreign_thinking;
  if (!outcome.served || !outcome.completed || state.answered.size() >= most)
    return;
  auto by = trace_state::signer{outcome.served->channel, outcome.served->credential};
  if (std::ranges::find(state.answered, by) == state.answered.end())
    state.answered.push_back(std::move(by));
}

void finish(trace_ptr self, const policy::request_outcome& outcome) {
  auto& state = self->state;
  const auto now = state.around->now();
  state.last_used = now.steady;
  const auto request = state.in_flight.extract(outcome.request);
  if (state.key.id.empty() || !request)
    return;
  remember_answer(state, outcome);
  // What began before the operator dropped the bindings makes none.
  if (request.mapped().generation == state.generation)
    state.moves +=
        state.book.learn(request.mapped().model, outcome, now.wall, state.around->affinity) ? 1 : 0;
  if (state.in_flight.empty())
    state.book.forget_choices();
  if (is_worth_telling(state))
    tell_bindings(self);
}

// What a request that begins while the write runs binds is newer, and stays.
caf::typed_response_promise<bool> unbind(trace_ptr self) {
  auto promise = self->make_response_promise<bool>();
  auto& state = self->state;
  state.told.clear();
  ++state.generation;
  auto had = std::exchange(state.book, {}).bindings();
  if (had.empty())
    return promise.deliver(false);
  auto step = store::write_batch{};
  step.cleared_bindings.push_back(state.key.id);
  self->request(state.around->recorder, caf::infinite, atom::write_v, std::move(step))
      .then([promise]() mutable { promise.deliver(true); },
            [self, promise, had](caf::error& failed) mutable {
              if (self->state.book.bindings().empty())
                self->state.book = policy::session_book{std::move(had)};
              promise.deliver(std::move(failed));
            });
  return promise;
}

bool leave_if_idle(trace_ptr self, milliseconds idle) {
  auto& state = self->state;
  if (!state.in_flight.empty() || state.around->now().steady - state.last_used < idle)
    return false;
  if (lag(state) > milliseconds{0})
    tell_bindings(self);
  self->quit();
  return true;
}

} // namespace

trace_actor::behavior_type trace(trace_ptr self, trace_config config) {
  auto& state = self->state;
  state.key = std::move(config.key);
  state.around = std::move(config.around);
  state.has_past = !config.restored.empty();
  state.told = config.restored;
  state.book = policy::session_book{std::move(config.restored)};
  state.last_used = state.around->now().steady;
  return {
      [self](atom::route, route_request& wanted) { return route(self, wanted); },
      [self](atom::finish, const policy::request_outcome& outcome) { finish(self, outcome); },
      [self](atom::describe) {
        const auto& state = self->state;
        return trace_view{.key = state.key,
                          .book = state.book,
                          .in_flight = static_cast<std::uint32_t>(state.in_flight.size()),
                          .moves = state.moves};
      },
      [self](atom::unbind) { return unbind(self); },
      [self](atom::sweep, milliseconds idle) { return leave_if_idle(self, idle); },
  };
}

} // namespace axonhub::actors
