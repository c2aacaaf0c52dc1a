#include "actors/route_preview.hpp"

#include <algorithm>

namespace axonhub::actors {

using policy::reason;

bool route_preview::any_eligible() const {
  return std::ranges::any_of(seen_, &previewed_candidate::eligible);
}

// Waiting and the last resort are for those to whom nobody gave anything.
std::optional<route_walk::step> route_preview::next() {
  asked_ = walk_.next();
  const auto again =
      asked_ && std::ranges::find(seen_, asked_->to, &previewed_candidate::which) != seen_.end();
  if (again && any_eligible())
    asked_.reset();
  return asked_;
}

previewed_candidate& route_preview::entry_of(const route_candidate* which) {
  const auto known = std::ranges::find(seen_, which, &previewed_candidate::which);
  return known != seen_.end() ? *known : seen_.emplace_back(previewed_candidate{.which = which});
}

void route_preview::answer(const policy::acquire_answer& said) {
  auto& entry = entry_of(asked_->to);
  const auto was_refused = entry.reasons.empty() ? reason::stopping : entry.reasons.front();
  entry.reasons.clear();
  entry.eligible = said.granted.has_value();
  entry.wait = said.refused.wait;
  if (!entry.eligible) {
    entry.reasons.push_back(said.refused.why);
    walk_.refuse(said.refused);
    return;
  }
  entry.reasons.push_back(asked_->why);
  if (asked_->question.last_resort) // overruled
    entry.reasons.push_back(was_refused);
  else if (said.refused.why != reason::stopping) // it would wait there
    entry.reasons.push_back(said.refused.why);
  // As if its attempt had failed: who would be next?
  walk_.refuse({.channel = asked_->to->what.channel, .why = reason::already_failed});
}

std::vector<previewed_candidate> route_preview::result() const {
  auto all = seen_;
  for (const auto& c : *walk_.wanted().candidates)
    if (std::ranges::find(all, &c, &previewed_candidate::which) == all.end())
      all.push_back({.which = &c, .reasons = {reason::already_failed}});
  std::ranges::stable_partition(all, &previewed_candidate::eligible);
  return all;
}

} // namespace axonhub::actors
