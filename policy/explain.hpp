#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llm/dialect.hpp"
#include "policy/catalog.hpp"
#include "policy/route.hpp"

/// Which channels may serve a request, before any is asked for its health.
namespace axonhub::policy {

/// What is known of a request when its candidates are sought.
struct route_question {
  std::string model; ///< After the profile's mapping.
  llm::dialect dialect = llm::dialect::anthropic;
  const profile* worn = nullptr; ///< The key's active profile, if it has one.
  std::string_view trace{};      ///< The trace's id; empty: none, then `random` orders.
  std::uint64_t random = 0;
};

/// The channels that may serve it, in the order of trying.
std::vector<candidate> plan_candidates(const catalog& known, const route_question& asked);

/// What is to be said of one channel.
struct candidate_verdict {
  channel_id channel;
  std::string upstream_model;     ///< Empty when it does not serve the model.
  std::vector<reason> objections; ///< Empty: it may serve.
  double score = 0;               ///< The higher, the earlier within a priority.
};

/// Every channel with its verdict: those of plan_candidates() first and in its order, then the
/// others in the order of their ids.
std::vector<candidate_verdict> explain_candidates(const catalog& known,
                                                  const route_question& asked);

} // namespace axonhub::policy
