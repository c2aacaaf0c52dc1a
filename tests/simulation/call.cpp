#include "tests/simulation/call.hpp"

#include <utility>

#include "tests/simulation/node.hpp"

namespace axonhub::simulation {

using policy::action;
using policy::step;

call::call(node& at, std::size_t number, const arrival& what)
    : node_(at),
      what_(what),
      seen_{.number = number, .session = what.session, .began = at.clock.passed()},
      exchange_(at.s.exchange, what.stream, at.dice()) {
  active_.emplace(at.retries);
  node_.sessions[what.session].begins();
  node_.judge.begins(seen_);
}

void call::follow(step next) {
  switch (next.what) {
    case action::route:
      return route();
    case action::attempt: // its wait is a part of it: the share is held already
      node_.judge.attempts(seen_, channel_, *lease_, next.fresh_connection);
      return node_.clock.after(next.wait, [this] { attempt(); });
    case action::relay_error:
    case action::own_error:
      if (exchange_.is_committed())
        node_.judge.breach(&seen_, "an error answer after content");
      return end(ending::refused, next.retry_after);
    case action::error_event:
      return end(ending::broken, next.retry_after);
    case action::done:
      return end(ending::answered);
    case action::stop:
      node_.judge.breach(&seen_, "a request stops without a word");
  }
}

void call::route() {
  const auto& script = node_.sessions[seen_.session].script();
  auto wanted = actors::route_request{};
  wanted.request.text = "rq_" + std::to_string(seen_.number);
  wanted.dice = node_.dice();
  wanted.candidates = node_.candidates;
  for (const auto& p : exchange_.past())
    wanted.failed.push_back(
        {p.used.channel, p.used.credential, p.failed.kind, p.used.upstream_model});
  wanted.failed.insert(wanted.failed.end(), avoided_.begin(), avoided_.end());
  wanted.key = script.key;
  wanted.tokens = 1000;
  ++seen_.routes;
  walk_.emplace(std::move(wanted), script.trace,
                node_.sessions[seen_.session].home(node_.clock.now().wall),
                seen_.had_last_resort || node_.s.has_no_last_resort());
  ask_next();
}

void call::ask_next() {
  const auto asked = walk_->next();
  if (!asked) {
    seen_.refusals = walk_->refused();
    return follow(exchange_.refused(walk_->refused()));
  }
  const auto to = node_.index.at(asked->to->what.channel);
  node_.channels[to].acquire(asked->question,
                             [this, to, asked = *asked](const policy::acquire_answer& said) {
                               if (said.granted)
                                 return granted(asked, *said.granted);
                               node_.judge.refused(to, said.refused, asked.question.last_resort);
                               walk_->refuse(said.refused);
                               ask_next();
                             });
}

void call::granted(const actors::route_walk::step& asked, policy::lease given) {
  given.why = asked.why;
  seen_.had_last_resort = seen_.had_last_resort || asked.question.last_resort;
  node_.sessions[seen_.session].granted(walk_->wanted(), given);
  lease_ = given;
  channel_ = node_.index.at(given.channel);
  node_.judge.leased(seen_, channel_, given);
  follow(spend_retry(given));
}

step call::spend_retry(const policy::lease& given) {
  if (!exchange_.needs_leave(given))
    return exchange_.leased(given);
  extra_ = node_.retries.take();
  if (extra_.is_held())
    return exchange_.leased(given);
  give_back({}, true, true);
  avoided_.push_back(
      {given.channel, given.credential, policy::failure_kind::connect, given.upstream_model});
  return {.what = action::route};
}

void call::attempt() {
  const auto& caches = node_.sessions[seen_.session].script().caches;
  const auto& script = node_.channels[channel_].script();
  auto met = meet(node_.s, script, lease_->credential, caches, node_.clock.passed(), node_.dice);
  if (met.failed && met.commits &&
      !what_.stream) // nothing of a whole answer is shown before its end
    met.failed->kind = policy::failure_kind::reset;
  if (what_.leaves)
    return node_.clock.after(met.takes / 2, [this] {
      give_back({}, true);
      end(ending::left);
    });
  const auto takes = met.takes;
  node_.clock.after(takes, [this, met = std::move(met)] { attempt_ended(met); });
}

void call::attempt_ended(const fate& met) {
  auto retry = met.failed ? node_.retries.take() : policy::retry_budget::share{};
  const auto next = relay(met, retry.is_held());
  node_.judge.extra_ended(seen_);
  const auto keeps_lease = met.failed && next.what == action::attempt;
  if (!keeps_lease)
    extra_.give_back();
  else if (met.failed->kind != policy::failure_kind::stale_connection)
    extra_ = std::move(retry);
  if (!keeps_lease) {
    if (met.failed)
      node_.judge.failed(channel_, *lease_, *met.failed);
    if (!met.failed)
      seen_.outcome.tokens = met.tokens;
    auto told = met.failed;
    if (told && node_.s.planted == plant::deaf)
      told->retry_after.reset();
    give_back(std::move(told), false);
  }
  follow(next);
}

step call::relay(const fate& met, bool may_retry) {
  if (what_.stream && met.commits) {
    offer(llm::event_kind::start);
    offer(llm::event_kind::content);
  }
  if (met.failed)
    return exchange_.failed(*met.failed, may_retry);
  if (what_.stream)
    offer(llm::event_kind::terminal);
  else
    node_.judge.writes(seen_);
  return exchange_.answered();
}

void call::offer(llm::event_kind kind) {
  const auto said = exchange_.event(kind, "x");
  if (said == policy::verdict::commit) {
    static_cast<void>(exchange_.take_held());
    if (std::exchange(lease_->awaited, false))
      node_.channels[channel_].alive(*lease_);
  }
  if (said == policy::verdict::commit || said == policy::verdict::pass)
    node_.judge.writes(seen_);
}

void call::give_back(std::optional<policy::attempt_failure> failed, bool neutral, bool unused) {
  node_.judge.released(channel_);
  const auto tokens = failed || neutral ? std::optional<std::uint64_t>{0} : std::nullopt;
  node_.channels[channel_].release({.used = *lease_,
                                    .failed = std::move(failed),
                                    .neutral = neutral,
                                    .tokens = tokens,
                                    .unused = unused});
  lease_.reset();
}

void call::end(ending how, std::optional<milliseconds> retry_after) {
  extra_.give_back();
  auto& outcome = seen_.outcome;
  outcome.served = exchange_.current();
  outcome.completed = how == ending::answered;
  node_.sessions[seen_.session].finished(outcome, node_.clock.now().wall);
  node_.judge.ends(seen_, how, retry_after);
  active_.reset();
  walk_.reset();
}

} // namespace axonhub::simulation
