#include "policy/explain.hpp"

#include <algorithm>
#include <utility>

#include "policy/profiles.hpp"

namespace axonhub::policy {
namespace {

outsider object(const channel& c, const route_question& asked,
                const std::vector<std::string>& models) {
  auto out = outsider{.channel = c.id};
  if (c.status != channel_status::enabled)
    out.objections.push_back(reason::channel_disabled);
  auto allowed = asked.worn == nullptr;
  for (const auto& model : models) {
    allowed = allowed || allows_model(*asked.worn, model);
    if (auto name = upstream_model_name(c, model); name && out.upstream_model.empty())
      out.upstream_model = *std::move(name);
  }
  if (out.upstream_model.empty())
    out.objections.push_back(reason::model_not_served);
  std::ranges::copy(objections_to(c, asked), std::back_inserter(out.objections));
  const auto said = std::ranges::find(out.objections, reason::not_allowed_by_profile);
  if (!allowed && said == out.objections.end())
    out.objections.push_back(reason::not_allowed_by_profile);
  return out;
}

} // namespace

explained_plan explain_plan(const catalog& known, const route_question& asked) {
  auto out = explained_plan{.plan = plan_route(known, asked), .outsiders = {}};
  const auto& planned = out.plan.candidates;
  for (const auto& [id, c] : known.data().channels)
    if (std::ranges::find(planned, id, &candidate::channel) == planned.end())
      out.outsiders.push_back(object(c, asked, out.plan.models));
  return out;
}

} // namespace axonhub::policy
