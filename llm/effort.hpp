#pragma once

#include <algorithm>
#include <cstdint>

namespace axonhub::llm {

/// How long a model thinks. `none`: not at all.
enum class effort_level : std::uint8_t { unset, none, minimal, low, medium, high, xhigh, max };

/// The efforts that a model knows; others it refuses.
struct effort_range {
  effort_level least = effort_level::none;
  effort_level most = effort_level::xhigh;
  bool has_minimal = true; ///< Some know "none" and "low", and nothing between.
  bool has_xhigh = true;   ///< Some know "high" and "max", and nothing between.

  /// What comes nearest to the wish, if there is one.
  effort_level nearest(effort_level wanted) const {
    if (wanted == effort_level::unset)
      return wanted;
    const auto known = std::clamp(wanted, least, most);
    if (known == effort_level::minimal && !has_minimal)
      return effort_level::low;
    return known == effort_level::xhigh && !has_xhigh ? effort_level::high : known;
  }
};

} // namespace axonhub::llm
