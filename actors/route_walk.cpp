#include "actors/route_walk.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "policy/affinity.hpp"

namespace axonhub::actors {

using policy::reason;

route_walk::route_walk(route_request wanted, trace_id trace, std::optional<session_home> home,
                       bool had_last_resort)
    : wanted_(std::move(wanted)),
      trace_(std::move(trace)),
      seed_(trace_.empty() ? 0 : policy::order_seed(trace_.text)),
      home_(std::move(home)),
      had_last_resort_(had_last_resort) {}

std::optional<route_walk::step> route_walk::next() {
  if (!std::exchange(asked_home_, true)) {
    const auto* home = find_home();
    if (home == nullptr || (home_->borrowed && !is_of_first_rank(*home)))
      home_.reset();
    else if (may_ask(*home) && !had_its_turns(*home) &&
             home->what.fallback == wanted_.candidates->front().what.fallback)
      return ask_home(*home);
  }
  if (auto another = next_in_order())
    return another;
  if (auto patient = wait_for_a_place())
    return patient;
  return last_resort();
}

// Who has no home, or has left it, waits only when every channel that could take it is full.
std::optional<route_walk::step> route_walk::wait_for_a_place() {
  if (std::exchange(waited_, true))
    return std::nullopt;
  const auto is_full = [](const policy::refusal& r) {
    return r.why == reason::full || r.why == reason::rate_limit;
  };
  const auto first = std::ranges::find_if(refused_, is_full);
  if (first == refused_.end())
    return std::nullopt;
  const auto at = first - refused_.begin();
  const auto* again = refused_by_[static_cast<std::size_t>(at)];
  refused_.erase(first);
  refused_by_.erase(refused_by_.begin() + at);
  auto patient = ask(*again, wanted_.failed.empty() ? reason::preferred : reason::moved);
  patient.question.may_wait = true;
  return patient;
}

// The session's channel may serve several models of a chain: the first of them counts.
const route_candidate* route_walk::find_home() const {
  const auto found = std::ranges::find_if(*wanted_.candidates,
                                          [this](const auto& c) { return home_ && is_home(c); });
  return found == wanted_.candidates->end() ? nullptr : &*found;
}

void route_walk::put_in_order() {
  auto whats = std::vector<const policy::candidate*>{};
  whats.reserve(wanted_.candidates->size());
  for (const auto& c : *wanted_.candidates) {
    whats.push_back(&c.what);
    if (trace_.empty())
      loads_.push_back(c.load ? c.load->load(std::memory_order_relaxed) : 0);
  }
  order_ = trace_.empty() ? policy::order_by_load(whats, loads_, wanted_.dice)
                          : policy::order(whats, seed_);
  // Where a fallback is all that is left, the session's own channel is the first to ask there, too.
  const auto rank = [&](std::size_t i) {
    const auto& c = (*wanted_.candidates)[i];
    return std::tuple{c.what.fallback, had_its_turns(c), !leads(c)};
  };
  std::ranges::stable_sort(*order_, {}, rank);
}

std::optional<route_walk::step> route_walk::next_in_order() {
  if (!order_)
    put_in_order();
  while (position_ < order_->size()) {
    const auto& c = (*wanted_.candidates)[(*order_)[position_++]];
    if (&c == asked_) // home, asked before
      continue;
    if (!may_ask(c)) {
      asked_ = &c;
      refuse({.channel = c.what.channel, .why = reason::already_failed});
      continue;
    }
    const auto is_first = wanted_.failed.empty() && refused_.empty();
    return ask(c, is_home(c) ? (home_->tentative ? reason::preferred : reason::bound)
                  : is_first ? reason::preferred
                             : reason::moved);
  }
  return std::nullopt;
}

std::optional<route_walk::step> route_walk::last_resort() {
  const auto* best = had_last_resort_ ? nullptr : first_to_recover();
  if (best == nullptr)
    return std::nullopt;
  const auto at = best - refused_.data();
  const auto* again = refused_by_[static_cast<std::size_t>(at)];
  refused_.erase(refused_.begin() + at);
  refused_by_.erase(refused_by_.begin() + at);
  asked_as_last_resort_ = true;
  return ask(*again, reason::last_resort, true);
}

const policy::refusal* route_walk::first_to_recover() const {
  const policy::refusal* best = nullptr;
  for (const auto& r : refused_) {
    // A wait of zero is unknown: whoever can say when it ends comes first.
    if (r.by_health &&
        (!best || best->wait.count() == 0 || (r.wait.count() > 0 && r.wait < best->wait)))
      best = &r;
  }
  return best;
}

void route_walk::refuse(policy::refusal why) {
  if (std::exchange(asked_as_last_resort_, false))
    why.by_health = false; // it was overruled, and in vain
  why.fallback = asked_->what.fallback;
  refused_.push_back(std::move(why));
  refused_by_.push_back(asked_);
}

// A channel that failed is out, unless the failure was its credential's or another model's.
bool route_walk::may_ask(const route_candidate& c) const {
  return std::ranges::all_of(wanted_.failed, [&](const failed_attempt& f) {
    return f.channel != c.what.channel || policy::rule_for(f.kind).other_credential ||
           (policy::blames_model(f.kind) && f.upstream_model != c.what.upstream_model);
  });
}

// Further credentials of it come after the other channels: attempts are few, and an account's keys
// often share its limits.
bool route_walk::had_its_turns(const route_candidate& c) const {
  return std::ranges::count_if(wanted_.failed, [&](const failed_attempt& f) {
           return f.channel == c.what.channel && !policy::blames_model(f.kind);
         }) >= 2;
}

bool route_walk::is_of_first_rank(const route_candidate& c) const {
  return std::ranges::none_of(*wanted_.candidates, [&](const route_candidate& other) {
    return std::pair{other.what.fallback, other.what.priority} <
           std::pair{c.what.fallback, c.what.priority};
  });
}

// Home goes first among a model's candidates; one for another model only where none has a higher
// rank.
bool route_walk::leads(const route_candidate& c) const {
  if (!is_home(c) || !home_->borrowed)
    return is_home(c);
  return std::ranges::none_of(*wanted_.candidates, [&](const route_candidate& other) {
    return other.what.fallback == c.what.fallback && other.what.priority < c.what.priority;
  });
}

bool route_walk::is_home(const route_candidate& c) const {
  return home_ && home_->channel == c.what.channel;
}

// A session waits for its own channel a while, for its cache is there.
route_walk::step route_walk::ask_home(const route_candidate& home) {
  auto first = ask(home, home_->tentative ? reason::preferred : reason::bound);
  first.question.may_wait = waited_ = !home_->tentative;
  return first;
}

route_walk::step route_walk::ask(const route_candidate& c, reason why, bool last_resort) {
  asked_ = &c;
  auto question = policy::acquire_request{.request = wanted_.request,
                                          .upstream_model = c.what.upstream_model,
                                          .preferred = {},
                                          .excluded = {},
                                          .last_resort = last_resort,
                                          .key = wanted_.key,
                                          .tokens = wanted_.tokens,
                                          .seed = seed_,
                                          .counts_tokens = wanted_.counts_tokens};
  if (is_home(c))
    question.preferred = home_->credential;
  for (const auto& f : wanted_.failed)
    if (f.channel == c.what.channel && !policy::blames_model(f.kind))
      question.excluded.push_back(f.credential);
  return {.to = &c, .question = std::move(question), .why = why};
}

} // namespace axonhub::actors
