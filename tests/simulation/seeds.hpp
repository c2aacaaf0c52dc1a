#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/judge.hpp"
#include "tests/simulation/scenario.hpp"

namespace axonhub::simulation {

struct seed_range {
  std::uint64_t first = 1;
  std::uint64_t count = 10'000;
  scenario_size size;
  plant planted = plant::none;
  std::optional<theme> only; ///< Passes over the seeds of other themes.
  bool keep_going = false;   ///< Past a broken law.
};

struct verdict {
  std::array<totals, theme_count> sums; ///< By theme.
  std::uint64_t failed_seeds = 0;
  std::optional<std::uint64_t> failed_seed; ///< The first.
  std::vector<std::string> breaches;        ///< Of that seed,
  std::vector<std::string> breaches_in_sum; ///< and of the laws that need many seeds.

  bool holds() const { return breaches.empty() && breaches_in_sum.empty(); }
};

/// Runs seed after seed, to the first that breaks a law.
verdict run_seeds(const seed_range& seeds);

/// Of all requests, in percent: those that got no complete answer.
double errors(const totals& t);

void print(const verdict& v, const seed_range& seeds);

/// Every planted fault is found, and a fixed cooldown is the disaster that it is known to be.
/// Prints what it finds.
bool finds_every_planted_fault();

} // namespace axonhub::simulation
