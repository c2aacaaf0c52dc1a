#include "policy/standing.hpp"

#include <algorithm>

#include "policy/affinity.hpp"

namespace axonhub::policy {
namespace {

bool is_unfit(const decision& made, const candidate& c) {
  const auto* refused = refusal_of(made, c);
  return refused != nullptr &&
         (refused->why == reason::context_too_small || refused->why == reason::capability_missing);
}

} // namespace

const refusal* refusal_of(const decision& made, const candidate& c) {
  const auto found = std::ranges::find_if(made.refused, [&](const refusal& r) {
    return r.channel == c.channel && r.fallback == c.fallback;
  });
  return found == made.refused.end() ? nullptr : &*found;
}

std::vector<standing> standings(const decision& made) {
  if (!made.plan)
    return {};
  const auto& candidates = made.plan->plan.candidates;
  auto suited = std::vector<std::size_t>{}, unfit = std::vector<std::size_t>{};
  auto whats = std::vector<const candidate*>{};
  for (auto i = std::size_t{0}; i < candidates.size(); ++i) {
    const auto fits = !is_unfit(made, candidates[i]);
    (fits ? suited : unfit).push_back(i);
    if (fits)
      whats.push_back(&candidates[i]);
  }
  const auto by_load = !made.loads.empty() && made.loads.size() == whats.size();
  auto out = std::vector<standing>{};
  for (const auto at :
       by_load ? order_by_load(whats, made.loads, made.seed) : order(whats, made.seed))
    out.push_back({.which = suited[at],
                   .score = rendezvous_score(*whats[at], made.seed),
                   .load = by_load ? std::optional{made.loads[at]} : std::nullopt});
  for (const auto i : unfit)
    out.push_back(
        {.which = i, .score = rendezvous_score(candidates[i], made.seed), .suits = false});
  return out;
}

} // namespace axonhub::policy
