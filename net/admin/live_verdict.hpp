#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policy/catalog.hpp"
#include "policy/explain.hpp"
#include "policy/health_view.hpp"

namespace axonhub::net {

/// What would be said of one channel now.
struct live_verdict {
  channel_id channel;
  std::string upstream_model;
  std::vector<policy::reason> objections; ///< Empty: it may serve.
  std::vector<policy::reason> praise;     ///< Why it may serve, where there is more to say.
  std::optional<wall_time> until;         ///< When an objection ends.
  double score = 0;
  std::uint32_t fallback = 0; ///< For which of the plan's models.

  bool is_eligible() const { return objections.empty(); }
};

/// Every channel with its verdict, in the order of trying, from the configuration and its health as
/// seen now. `bound` is the session's binding; `without` are channels to leave out. When health
/// alone refuses all, the one that rests shortest is the last resort.
std::vector<live_verdict> judge_live(const policy::catalog& known,
                                     const policy::route_question& asked,
                                     const std::map<channel_id, policy::health_view>& health,
                                     const std::optional<policy::binding>& bound,
                                     const std::vector<std::string>& without, wall_time now);

} // namespace axonhub::net
