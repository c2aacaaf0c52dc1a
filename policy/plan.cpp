#include "policy/plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "policy/affinity.hpp"
#include "policy/profiles.hpp"
#include "policy/stable_hash.hpp"

namespace axonhub::policy {

std::vector<reason> objections_to(const channel& c, const route_question& asked) {
  auto objections = std::vector<reason>{};
  if (asked.worn != nullptr && !allows_channel(*asked.worn, c))
    objections.push_back(reason::not_allowed_by_profile);
  return objections;
}

std::uint64_t seed_of(const route_question& asked) {
  return asked.trace.empty() ? asked.random : order_seed(asked.trace);
}

route_plan plan_route(const catalog& known, const route_question& asked) {
  auto plan = route_plan{.models = known.names_for(asked.worn, asked.model), .candidates = {}};
  auto fallback = std::uint32_t{0};
  for (const auto& model : plan.models) {
    plan.known = plan.known || known.knows_model(model);
    if (asked.worn == nullptr || allows_model(*asked.worn, model))
      for (auto c : known.serving(model))
        if (objections_to(*known.find_channel(c.channel), asked).empty()) {
          c.fallback = fallback;
          plan.candidates.push_back(std::move(c));
        }
    ++fallback;
  }
  return plan;
}

std::uint64_t model_key(const route_plan& plan) {
  return plan.models.empty() ? 1 : std::max<std::uint64_t>(stable_hash(plan.models.front()), 1);
}

std::optional<token_prices> dearest_rates(const route_plan& plan, const price_book& prices,
                                          wall_time at, std::uint64_t prompt_tokens) {
  auto dearest = std::optional<token_prices>{};
  for (const auto& c : plan.candidates)
    for (const auto model :
         {std::string_view{c.upstream_model}, std::string_view{plan.models.at(c.fallback)}})
      if (const auto known = prices.find(std::string{model}, c.channel, at, prompt_tokens)) {
        auto& most = dearest ? *dearest : dearest.emplace();
        most.input = std::max(most.input, known.rates->input);
        most.output = std::max(most.output, known.rates->output);
        break;
      }
  return dearest;
}

std::vector<std::string> models_for(const catalog& known, const profile* worn) {
  auto asked = route_question{.model = {}, .worn = worn};
  auto names = std::set<std::string>{known.models().begin(), known.models().end()};
  if (worn != nullptr)
    for (const auto& rule : worn->model_mappings)
      if (rule.enabled && !is_pattern(rule))
        names.insert(rule.from);
  auto usable = std::vector<std::string>{};
  for (const auto& name : names) {
    asked.model = name;
    if (!plan_route(known, asked).candidates.empty())
      usable.push_back(name);
  }
  return usable;
}

} // namespace axonhub::policy
