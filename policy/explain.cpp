#include "policy/explain.hpp"

#include <algorithm>

#include "policy/affinity.hpp"
#include "policy/channel_types.hpp"
#include "policy/profiles.hpp"

namespace axonhub::policy {
namespace {

/// What speaks against a channel that serves the model.
std::vector<reason> objections_to(const channel& c, const route_question& asked) {
  auto objections = std::vector<reason>{};
  if (!speaks(c.type, asked.dialect))
    objections.push_back(reason::wrong_dialect);
  if (asked.worn != nullptr &&
      !(allows_channel(*asked.worn, c) && allows_model(*asked.worn, asked.model)))
    objections.push_back(reason::not_allowed_by_profile);
  return objections;
}

std::uint64_t seed_of(const route_question& asked) {
  return asked.trace.empty() ? asked.random : order_seed(asked.trace);
}

candidate_verdict refuse(const channel& c, const route_question& asked) {
  auto verdict = candidate_verdict{.channel = c.id, .upstream_model = {}, .objections = {}};
  if (c.status != channel_status::enabled)
    verdict.objections.push_back(reason::channel_disabled);
  if (auto model = upstream_model_name(c, asked.model))
    verdict.upstream_model = *std::move(model);
  else
    verdict.objections.push_back(reason::model_not_served);
  std::ranges::copy(objections_to(c, asked), std::back_inserter(verdict.objections));
  return verdict;
}

} // namespace

std::vector<candidate> plan_candidates(const catalog& known, const route_question& asked) {
  auto eligible = std::vector<candidate>{};
  for (const auto& c : known.serving(asked.model))
    if (objections_to(*known.find_channel(c.channel), asked).empty())
      eligible.push_back(c);
  auto ordered = std::vector<candidate>{};
  ordered.reserve(eligible.size());
  for (const auto i : order(eligible, seed_of(asked)))
    ordered.push_back(std::move(eligible[i]));
  return ordered;
}

std::vector<candidate_verdict> explain_candidates(const catalog& known,
                                                  const route_question& asked) {
  auto verdicts = std::vector<candidate_verdict>{};
  for (auto& c : plan_candidates(known, asked))
    verdicts.push_back({.channel = c.channel,
                        .upstream_model = c.upstream_model,
                        .objections = {},
                        .score = rendezvous_score(c, seed_of(asked))});
  const auto eligible = verdicts.size();
  for (const auto& [id, c] : known.data().channels) {
    const auto end = verdicts.begin() + static_cast<std::ptrdiff_t>(eligible);
    if (std::ranges::find(verdicts.begin(), end, id, &candidate_verdict::channel) == end)
      verdicts.push_back(refuse(c, asked));
  }
  return verdicts;
}

} // namespace axonhub::policy
