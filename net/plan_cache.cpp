#include "net/plan_cache.hpp"

#include <utility>

#include "actors/world.hpp"
#include "policy/plan.hpp"

namespace axonhub::net {

std::shared_ptr<const ready_plan> plan_cache::find(const actors::world& w,
                                                   const policy::profile* worn,
                                                   const std::string& model, llm::dialect dialect) {
  if (revision_ != w.revision || plans_.size() >= most_plans)
    plans_.clear();
  revision_ = w.revision;
  const auto profile = worn != nullptr ? std::string_view{worn->id.text} : std::string_view{};
  if (const auto known = plans_.find(std::tuple{std::string_view{model}, profile, dialect});
      known != plans_.end())
    return known->second;
  auto plan = policy::plan_route(*w.catalog, {.model = model, .dialect = dialect, .worn = worn});
  auto made = std::make_shared<const ready_plan>(
      ready_plan{.models = std::move(plan.models),
                 .candidates = actors::with_actors(std::move(plan.candidates), w),
                 .known = plan.known});
  return plans_.emplace(key{model, profile, dialect}, std::move(made)).first->second;
}

} // namespace axonhub::net
