#include "policy/explain.hpp"

#include <algorithm>
#include <utility>

#include "policy/affinity.hpp"
#include "policy/profiles.hpp"

namespace axonhub::policy {
namespace {

candidate_verdict refuse(const channel& c, const route_question& asked,
                         const std::vector<std::string>& models) {
  auto verdict = candidate_verdict{.channel = c.id, .upstream_model = {}, .objections = {}};
  verdict.fallback = not_in_plan;
  if (c.status != channel_status::enabled)
    verdict.objections.push_back(reason::channel_disabled);
  auto allowed = asked.worn == nullptr;
  for (const auto& model : models) {
    allowed = allowed || allows_model(*asked.worn, model);
    if (auto name = upstream_model_name(c, model); name && verdict.upstream_model.empty())
      verdict.upstream_model = *std::move(name);
  }
  if (verdict.upstream_model.empty())
    verdict.objections.push_back(reason::model_not_served);
  std::ranges::copy(objections_to(c, asked), std::back_inserter(verdict.objections));
  const auto said = std::ranges::find(verdict.objections, reason::not_allowed_by_profile);
  if (!allowed && said == verdict.objections.end())
    verdict.objections.push_back(reason::not_allowed_by_profile);
  return verdict;
}

} // namespace

std::vector<candidate_verdict> explain_candidates(const catalog& known,
                                                  const route_question& asked) {
  auto plan = plan_route(known, asked);
  const auto models = plan.models;
  auto verdicts = std::vector<candidate_verdict>{};
  for (auto& c : in_order(std::move(plan), asked))
    verdicts.push_back({.channel = c.channel,
                        .upstream_model = c.upstream_model,
                        .objections = {},
                        .score = rendezvous_score(c, seed_of(asked)),
                        .fallback = c.fallback});
  const auto eligible = verdicts.size();
  for (const auto& [id, c] : known.data().channels) {
    const auto end = verdicts.begin() + static_cast<std::ptrdiff_t>(eligible);
    if (std::ranges::find(verdicts.begin(), end, id, &candidate_verdict::channel) == end)
      verdicts.push_back(refuse(c, asked, models));
  }
  return verdicts;
}

} // namespace axonhub::policy
