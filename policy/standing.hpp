#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "policy/record.hpp"

namespace axonhub::policy {

/// One candidate of a plan, as a decision saw it.
struct standing {
  std::size_t which = 0;               ///< Index in the plan's candidates.
  double score = 0;                    ///< Its place within its rank: the highest first.
  std::optional<std::uint32_t> load{}; ///< Requests under way there, where that counted.
  bool suits = true;                   ///< It takes what the request holds.
};

/// The plan's candidates in the order of trying, by the very rules that made the choice; those that
/// do not suit the request stand last.
std::vector<standing> standings(const decision& made);

/// What was said of a candidate in this decision: its refusal, or nullptr.
const refusal* refusal_of(const decision& made, const candidate& c);

} // namespace axonhub::policy
