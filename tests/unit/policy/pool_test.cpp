#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "policy/affinity.hpp"
#include "policy/health.hpp"

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

/// Several channels and the requests that go through them, on a virtual clock: one attempt at each
/// channel that admits one, then one last resort where the wait ends first.
class pool {
public:
  explicit pool(std::size_t channels) {
    for (std::size_t i = 0; i < channels; ++i) {
      const auto id = channel_id{"ch_" + std::to_string(i)};
      candidates.push_back({.channel = id, .upstream_model = "m"});
      health.emplace_back(id);
    }
  }

  /// True when some channel served it; `fails` says how an attempt ends.
  template <class Upstream>
  bool request(Upstream fails) {
    auto refusals = std::vector<std::pair<milliseconds, std::size_t>>{};
    for (const auto i : order(candidates, random())) {
      auto answer = health[i].acquire({.upstream_model = "m"}, credentials, now);
      if (answer.granted && attempt(i, *answer.granted, fails))
        return true;
      if (!answer.granted && answer.refused.by_health)
        refusals.emplace_back(answer.refused.wait, i);
    }
    if (refusals.empty())
      return false;
    const auto i = std::ranges::min(refusals).second;
    const auto last =
        health[i].acquire({.upstream_model = "m", .last_resort = true}, credentials, now);
    return last.granted && attempt(i, *last.granted, fails);
  }

  template <class Upstream>
  bool attempt(std::size_t i, const lease& used, Upstream fails) {
    ++attempts;
    now.steady += 1ms;
    now.wall += 1ms;
    const auto failed = fails(i);
    health[i].release({.used = used, .failed = failed}, credentials, now, chance(random));
    return !failed;
  }

  void pass(milliseconds time) {
    now.steady += time;
    now.wall += time;
  }

  std::vector<candidate> candidates;
  std::vector<channel_health> health;
  std::vector<credential_facts> credentials{{.id = {"cr"}}};
  instant now{steady_time{} + 1h, wall_time{} + 24h};
  std::mt19937_64 random{7};
  std::uniform_real_distribution<double> chance{0.0, 1.0};
  int attempts = 0;
};

attempt_failure with_status(failure_kind kind, std::uint16_t status) {
  return {.kind = kind, .http_status = status};
}

TEST(pool, does_not_turn_a_few_upstream_errors_into_many) {
  auto tested = pool{3};
  const auto six_percent = [&](std::size_t) -> std::optional<attempt_failure> {
    if (tested.chance(tested.random) >= 0.06)
      return std::nullopt;
    return with_status(failure_kind::server_error, 503);
  };
  auto failed = 0;
  constexpr auto requests = 20'000;
  for (auto i = 0; i < requests; ++i, tested.pass(50ms))
    failed += tested.request(six_percent) ? 0 : 1;
  EXPECT_LT(failed, requests * 6 / 1000);
}

TEST(pool, serves_from_the_only_channel_at_its_own_error_rate) {
  auto tested = pool{1};
  const auto six_percent = [&](std::size_t) -> std::optional<attempt_failure> {
    if (tested.chance(tested.random) >= 0.06)
      return std::nullopt;
    return with_status(failure_kind::overloaded, 529);
  };
  auto failed = 0;
  constexpr auto requests = 20'000;
  for (auto i = 0; i < requests; ++i, tested.pass(50ms))
    failed += tested.request(six_percent) ? 0 : 1;
  EXPECT_NEAR(failed / double{requests}, 0.06, 0.01);
}

TEST(pool, hides_one_flapping_channel_behind_a_healthy_one) {
  auto tested = pool{2};
  const auto flapping = [&](std::size_t i) -> std::optional<attempt_failure> {
    if (i != 0 || tested.chance(tested.random) < 0.5)
      return std::nullopt;
    return with_status(failure_kind::server_error, 500);
  };
  auto failed = 0;
  for (auto i = 0; i < 5'000; ++i, tested.pass(50ms))
    failed += tested.request(flapping) ? 0 : 1;
  EXPECT_EQ(failed, 0);
}

TEST(pool, makes_no_storm_of_attempts_when_every_channel_is_down) {
  for (const auto kind : {failure_kind::connect, failure_kind::server_error}) {
    SCOPED_TRACE(to_text(kind));
    auto tested = pool{3};
    constexpr auto requests = 2'000;
    for (auto i = 0; i < requests; ++i, tested.pass(5ms))
      EXPECT_FALSE(
          tested.request([&](std::size_t) { return std::optional{with_status(kind, 0)}; }));
    EXPECT_LE(tested.attempts, requests * 12 / 10);
    EXPECT_GE(tested.attempts, requests) << "health alone leaves no request without an attempt";
  }
}

TEST(pool, finds_back_to_a_channel_that_healed) {
  for (const auto kind : {failure_kind::connect, failure_kind::overloaded}) {
    SCOPED_TRACE(to_text(kind));
    auto tested = pool{2};
    auto down = true;
    auto served_by_first = 0;
    const auto upstream = [&](std::size_t i) -> std::optional<attempt_failure> {
      if (i == 0 && down)
        return with_status(kind, 0);
      served_by_first += i == 0 ? 1 : 0;
      return std::nullopt;
    };
    for (auto i = 0; i < 600; ++i, tested.pass(1s))
      EXPECT_TRUE(tested.request(upstream));
    EXPECT_EQ(served_by_first, 0);
    down = false;
    tested.pass(3min); // The longest rest, with its spread.
    for (auto i = 0; i < 100; ++i, tested.pass(100ms))
      tested.request(upstream);
    EXPECT_NEAR(served_by_first, 50, 25);
  }
}

} // namespace
} // namespace axonhub::policy
