#pragma once

#include <optional>

#include "llm/usage.hpp"
#include "tests/simulation/scenario.hpp"

namespace axonhub::simulation {

/// What one attempt meets.
struct fate {
  milliseconds takes{0};
  std::optional<policy::attempt_failure> failed;
  bool commits = false; ///< Its content began before it failed.
  llm::usage tokens;
};

/// The longest that an attempt may take.
inline constexpr auto longest_attempt = milliseconds{30'000};

fate meet(const scenario& s, const channel_script& c, const credential_id& with, bool caches,
          milliseconds now, std::mt19937_64& dice);

} // namespace axonhub::simulation
