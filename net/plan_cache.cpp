#include "net/plan_cache.hpp"

#include <algorithm>
#include <utility>

#include "actors/world.hpp"
#include "policy/plan.hpp"

namespace axonhub::net {

std::shared_ptr<const ready_plan> plan_cache::find(const actors::world& w,
                                                   const policy::profile* worn,
                                                   const std::string& model) {
  if (revision_ != w.revision || plans_.size() >= most_plans)
    plans_.clear();
  revision_ = w.revision;
  const auto profile = worn != nullptr ? std::string_view{worn->id.text} : std::string_view{};
  if (const auto known = plans_.find(std::tuple{std::string_view{model}, profile});
      known != plans_.end())
    return known->second;
  auto plan = std::make_shared<const policy::explained_plan>(
      policy::explain_plan(*w.catalog, {.model = model, .worn = worn}));
  const auto& candidates = plan->plan.candidates;
  auto made = ready_plan{.what = plan,
                         .candidates = actors::with_actors(candidates, w),
                         .model = policy::model_key(plan->plan)};
  for (const auto& c : candidates) {
    made.has_limits = made.has_limits || c.can.is_limited();
    made.lacks_images = made.lacks_images || !c.can.images;
    made.mixes_dialects = made.mixes_dialects || c.can.speaks != candidates.front().can.speaks;
    if (const auto& most = c.can.max_context_tokens)
      made.smallest_context = std::min(*most, made.smallest_context.value_or(*most));
  }
  return plans_.emplace(key{model, profile}, std::make_shared<const ready_plan>(std::move(made)))
      .first->second;
}

} // namespace axonhub::net
