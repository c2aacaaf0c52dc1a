#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/plan.hpp"

/// The plan of a request with what speaks against every channel that is not in it.
namespace axonhub::policy {

/// A channel that is in no plan for a model, whatever its health.
struct outsider {
  channel_id channel;
  std::string upstream_model{};     ///< Empty when it does not serve the model.
  std::vector<reason> objections{}; ///< At least one.
};

/// A plan and the rest of the channels. The same for every request for this model under this
/// profile, and kept with the record of each.
struct explained_plan {
  route_plan plan;
  std::vector<outsider> outsiders; ///< In the order of their ids.
};

explained_plan explain_plan(const catalog& known, const route_question& asked);

} // namespace axonhub::policy
