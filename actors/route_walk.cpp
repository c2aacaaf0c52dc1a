#include "actors/route_walk.hpp"

#include <algorithm>
#include <utility>

#include "policy/affinity.hpp"

namespace axonhub::actors {

using policy::reason;

route_walk::route_walk(route_request wanted, trace_id trace, std::optional<session_home> home,
                       bool had_last_resort)
    : wanted_(std::move(wanted)),
      trace_(std::move(trace)),
      home_(std::move(home)),
      had_last_resort_(had_last_resort) {}

std::optional<route_walk::step> route_walk::next() {
  if (!std::exchange(asked_home_, true)) {
    const auto home =
        std::ranges::find_if(*wanted_.candidates, [this](const auto& c) { return is_home(c); });
    if (home == wanted_.candidates->end() || !may_ask(home->what.channel))
      home_.reset();
    else
      return ask(*home, home_->tentative ? reason::preferred : reason::bound);
  }
  if (auto another = next_in_order())
    return another;
  return last_resort();
}

std::optional<route_walk::step> route_walk::next_in_order() {
  if (!order_) {
    auto whats = std::vector<policy::candidate>{};
    for (const auto& c : *wanted_.candidates)
      whats.push_back(c.what);
    order_ =
        trace_.empty() ? policy::order(whats, wanted_.dice) : policy::order(whats, trace_.text);
  }
  while (position_ < order_->size()) {
    const auto& c = (*wanted_.candidates)[(*order_)[position_++]];
    if (is_home(c)) // asked before
      continue;
    if (may_ask(c.what.channel))
      return ask(c, wanted_.failed.empty() && refused_.empty() ? reason::preferred : reason::moved);
    refused_.push_back({.channel = c.what.channel, .why = reason::already_failed});
  }
  return std::nullopt;
}

std::optional<route_walk::step> route_walk::last_resort() {
  if (std::exchange(had_last_resort_, true))
    return std::nullopt;
  const policy::refusal* best = nullptr;
  for (const auto& r : refused_) {
    // A wait of zero is unknown: whoever can say when it ends comes first.
    if (r.by_health &&
        (!best || best->wait.count() == 0 || (r.wait.count() > 0 && r.wait < best->wait)))
      best = &r;
  }
  if (!best)
    return std::nullopt;
  const auto again = std::ranges::find_if(
      *wanted_.candidates, [best](const auto& c) { return c.what.channel == best->channel; });
  refused_.erase(refused_.begin() + (best - refused_.data()));
  return ask(*again, reason::last_resort, true);
}

void route_walk::refuse(policy::refusal why) { refused_.push_back(std::move(why)); }

// A channel that failed is out, unless the failure was its credential's.
bool route_walk::may_ask(const channel_id& channel) const {
  return std::ranges::all_of(wanted_.failed, [&](const failed_attempt& f) {
    return f.channel != channel || policy::rule_for(f.kind).other_credential;
  });
}

bool route_walk::is_home(const route_candidate& c) const {
  return home_ && home_->channel == c.what.channel;
}

route_walk::step route_walk::ask(const route_candidate& c, reason why, bool last_resort) const {
  auto question = policy::acquire_request{.request = wanted_.request,
                                          .upstream_model = c.what.upstream_model,
                                          .preferred = {},
                                          .excluded = {},
                                          .last_resort = last_resort};
  if (is_home(c))
    question.preferred = home_->credential;
  for (const auto& f : wanted_.failed)
    if (f.channel == c.what.channel)
      question.excluded.push_back(f.credential);
  return {.to = &c, .question = std::move(question), .why = why};
}

} // namespace axonhub::actors
