#include <cstdio>
#include <iterator>

#include "tests/simulation/seeds.hpp"

namespace axonhub::simulation {
namespace {

constexpr auto seeds_to_look_at = std::uint64_t{3'000};

bool finds(plant fault) {
  const auto seen =
      run_seeds({.count = seeds_to_look_at, .size = {}, .planted = fault, .only = {}});
  const auto* name = plant_names[static_cast<std::size_t>(fault)].data();
  if (seen.failed_seed)
    std::printf("%-18s found at seed %llu: %s\n", name,
                static_cast<unsigned long long>(*seen.failed_seed), seen.breaches.front().c_str());
  else if (!seen.breaches_in_sum.empty())
    std::printf("%-18s found over all seeds: %s\n", name, seen.breaches_in_sum.front().c_str());
  else
    std::printf("%-18s NOT FOUND\n", name);
  return !seen.holds();
}

double errors_with(plant fault, theme about) {
  const auto seen = run_seeds({.count = 300,
                               .size = {.sessions = 100, .requests = 10'000},
                               .planted = fault,
                               .only = about,
                               .keep_going = true});
  return errors(seen.sums[static_cast<std::size_t>(about)]);
}

// Where each error benches for ten minutes, and nobody is tried who is benched, the 6 % of errors
// of an upstream become many times as many for the clients. A last resort alone prevents the worst.
bool shows_the_disaster(theme about) {
  const auto ours = errors_with(plant::none, about);
  const auto fixed = errors_with(plant::fixed_cooldown, about);
  const auto no_way_out = errors_with(plant::fixed_without_last_resort, about);
  std::printf(
      "%-12s 6 %% of upstream errors are %.2f %% for the clients, %.2f %% with a fixed rest of "
      "600 s, %.2f %% without a last resort, too\n",
      theme_names[static_cast<std::size_t>(about)].data(), ours, fixed, no_way_out);
  return ours < 2 && fixed < 6 && no_way_out >= 3 * 6;
}

} // namespace

bool finds_every_planted_fault() {
  auto all = true;
  for (std::size_t i = 1; i < std::size(plant_names); ++i)
    all &= finds(static_cast<plant>(i));
  all &= shows_the_disaster(theme::few_errors);
  all &= shows_the_disaster(theme::one_channel);
  return all;
}

} // namespace axonhub::simulation
