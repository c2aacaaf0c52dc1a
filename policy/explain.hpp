#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "policy/plan.hpp"

/// The plan of a request with what speaks against every channel that is not in it.
namespace axonhub::policy {

inline constexpr auto not_in_plan = std::numeric_limits<std::uint32_t>::max();

/// What is to be said of one channel.
struct candidate_verdict {
  channel_id channel;
  std::string upstream_model;     ///< Empty when it does not serve the model.
  std::vector<reason> objections; ///< Empty: it may serve.
  double score = 0;               ///< The higher, the earlier within a priority.
  std::uint32_t fallback = 0;     ///< For which of the plan's models; not_in_plan: for none.
};

/// Every channel with its verdict: those of the plan first and in its order (a channel that serves
/// several models of a chain comes several times), then the others in the order of their ids.
std::vector<candidate_verdict> explain_candidates(const catalog& known,
                                                  const route_question& asked);

} // namespace axonhub::policy
