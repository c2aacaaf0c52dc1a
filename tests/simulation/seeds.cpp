#include "tests/simulation/seeds.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/simulation/node.hpp"

namespace axonhub::simulation {
namespace {

constexpr auto enough_sessions = 20'000.0;
constexpr auto enough_requests = std::size_t{20'000};

double percent(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void check_spread(verdict& v) {
  auto all = totals{};
  for (const auto& t : v.sums)
    all.add(t);
  auto sessions = 0.0;
  for (const auto& [weight, seen] : all.by_weight)
    sessions += seen.chosen;
  if (sessions < enough_sessions)
    return;
  for (const auto& [weight, seen] : all.by_weight)
    if (std::abs(seen.chosen - seen.expected) > 0.02 * sessions)
      v.breaches_in_sum.push_back("channels of weight " + std::to_string(weight) + " got " +
                                  std::to_string(seen.chosen) + " sessions instead of " +
                                  std::to_string(seen.expected));
}

// Upstreams that fail 6 % of their attempts: what is left of it for the clients.
void check_errors(verdict& v, theme about, double most, std::string_view where) {
  const auto& sum = v.sums[static_cast<std::size_t>(about)];
  if (sum.requests >= enough_requests && errors(sum) > most)
    v.breaches_in_sum.push_back("6 % of errors at " + std::string{where} + " became " +
                                std::to_string(errors(sum)) + " % for the clients");
}

} // namespace

double errors(const totals& t) { return percent(t.refused + t.broken, t.requests); }

verdict run_seeds(const seed_range& seeds) {
  auto v = verdict{};
  for (auto seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    if (seeds.only && theme_of(seed) != *seeds.only)
      continue;
    const auto s = make_scenario(seed, seeds.size, seeds.planted);
    auto gateway = node{s, seed};
    gateway.run();
    v.sums[static_cast<std::size_t>(s.about)].add(gateway.judge.sums());
    if (gateway.judge.breaches().empty())
      continue;
    ++v.failed_seeds;
    if (!v.failed_seed) {
      v.failed_seed = seed;
      v.breaches = gateway.judge.breaches();
    }
    if (!seeds.keep_going)
      break;
  }
  check_spread(v);
  check_errors(v, theme::few_errors, 0.5, "every channel");
  check_errors(v, theme::one_channel, 2.0, "the only channel");
  return v;
}

void print(const verdict& v, const seed_range& seeds) {
  for (std::size_t i = 0; i < theme_count; ++i)
    if (const auto& t = v.sums[i]; t.requests > 0)
      std::printf("%-12s %9zu requests, %.3f attempts each, %6.2f %% without an answer\n",
                  theme_names[i].data(), t.requests, percent(t.attempts, t.requests) / 100,
                  errors(t));
  constexpr auto most_shown = std::size_t{10};
  for (std::size_t i = 0; i < std::min(v.breaches.size(), most_shown); ++i)
    std::printf("BROKEN: %s\n", v.breaches[i].c_str());
  for (const auto& b : v.breaches_in_sum)
    std::printf("BROKEN over all seeds: %s\n", b.c_str());
  if (v.failed_seed)
    std::printf("%llu of the seeds broke a law; again: simulation --first-seed %llu --seeds 1%s\n",
                static_cast<unsigned long long>(v.failed_seeds),
                static_cast<unsigned long long>(*v.failed_seed),
                seeds.size.requests > scenario_size{}.requests ? " --full" : "");
}

} // namespace axonhub::simulation
