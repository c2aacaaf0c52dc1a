#include "policy/budget.hpp"

#include <gtest/gtest.h>

#include <random>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

constexpr auto noon = wall_time{std::chrono::hours{24 * 20'000 + 12}}; // of some day

const auto day = period{.kind = period_kind::calendar_duration, .unit = period_unit::day};
const auto hour = period{.kind = period_kind::past_duration, .value = 1, .unit = period_unit::hour};

TEST(budget_counter, starts_anew_with_each_day) {
  auto c = budget_counter{};
  c.add(day, decimal{3}, noon);
  c.add(day, decimal{2}, noon + 12h - 1ms);
  EXPECT_EQ(c.spent(noon + 12h - 1ms), decimal{5});
  EXPECT_EQ(c.spent(noon + 12h), decimal{});
  c.add(day, decimal{1}, noon + 12h);
  EXPECT_EQ(c.spent(noon + 12h), decimal{1});
  EXPECT_EQ(c.parts.size(), 1u);
}

TEST(budget_counter, forgets_a_past_duration_bit_by_bit) {
  auto c = budget_counter{};
  for (auto minute = 0; minute < 60; ++minute)
    c.add(hour, decimal{1}, noon + minute * 1min);
  EXPECT_EQ(c.spent(noon + 59min), decimal{60});
  EXPECT_EQ(c.spent(noon + 60min), decimal{60}); // for up to a sixtieth longer
  EXPECT_EQ(c.spent(noon + 61min), decimal{59});
  EXPECT_EQ(c.spent(noon + 90min), decimal{30});
  EXPECT_EQ(c.spent(noon + 121min), decimal{});
  EXPECT_EQ(c.below(decimal{60}, noon + 59min), noon + 61min);
  EXPECT_EQ(c.below(decimal{31}, noon + 59min), noon + 90min);
  EXPECT_EQ(c.below(decimal{61}, noon + 59min), noon + 59min);
}

TEST(budget_counter, says_when_something_comes_back) {
  auto c = budget_counter{};
  EXPECT_EQ(c.next_reset(day, noon), noon + 12h);
  EXPECT_EQ(c.next_reset(hour, noon), std::nullopt);
  EXPECT_EQ(c.next_reset({}, noon), std::nullopt);
  c.add({}, decimal{5}, noon);
  EXPECT_EQ(c.below(decimal{5}, noon), std::nullopt) << "all time never comes back";
  EXPECT_EQ(c.below(decimal{6}, noon), noon);
  EXPECT_EQ(c.next_reset({}, noon), std::nullopt);
}

TEST(budget_counter, stays_small_and_true_whatever_the_clock_does) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto random = std::mt19937{seed};
  for (const auto& period : {day, hour, policy::period{}}) {
    auto c = budget_counter{};
    auto now = noon;
    auto added = decimal{};
    for (auto i = 0; i < 5000; ++i) {
      now += milliseconds{std::uniform_int_distribution{-3'600'000, 3'700'000}(random)};
      c.add(period, decimal{1}, now);
      added += decimal{1};
      EXPECT_GE(c.spent(now), decimal{1});
      EXPECT_LE(c.spent(now), added);
      ASSERT_LE(c.parts.size(), 62u);
    }
  }
}

// A clock that jumps back over midnight opens no second window, and one that is put right again
// meets the same counts.
TEST(budget_counter, handles_the_edge_of_a_window_once) {
  auto c = budget_counter{};
  const auto midnight = noon + 12h;
  c.add(day, decimal{4}, midnight + 1min);
  c.add(day, decimal{1}, midnight - 59min);
  EXPECT_EQ(c.spent(midnight - 59min), decimal{5});
  EXPECT_EQ(c.spent(midnight + 2min), decimal{5});
  EXPECT_EQ(c.parts.size(), 1u);
}

TEST(budget, is_checked) {
  const auto with = [](budget_unit unit, const char* amount, const char* soft = nullptr) {
    auto b = budget{.counter = "c", .unit = unit, .amount = *parse_decimal_text(amount)};
    if (soft != nullptr)
      b.soft_at = parse_decimal_text(soft);
    return check(b).has_value();
  };
  EXPECT_TRUE(with(budget_unit::requests, "5"));
  EXPECT_TRUE(with(budget_unit::usd, "0.5", "0.8"));
  EXPECT_TRUE(with(budget_unit::usd, "0.5", "1"));
  EXPECT_FALSE(with(budget_unit::requests, "0"));
  EXPECT_FALSE(with(budget_unit::requests, "0.5"));
  EXPECT_FALSE(with(budget_unit::tokens, "1.5"));
  EXPECT_FALSE(with(budget_unit::usd, "1", "0"));
  EXPECT_FALSE(with(budget_unit::usd, "1", "1.1"));
  EXPECT_FALSE(check(profile_quota{.counter = "c"}));
  EXPECT_TRUE(check(profile_quota{.counter = "c", .requests = 1}));
}

TEST(budget, says_what_it_is) {
  EXPECT_EQ(to_text(budget{.counter = "c", .amount = decimal{5}, .period = day}),
            "5 requests (calendar day in UTC)");
  EXPECT_EQ(to_text(budget{.counter = "c",
                           .unit = budget_unit::usd,
                           .amount = *parse_decimal_text("2.5"),
                           .period = hour}),
            "2.5 USD (past 1 hour)");
}

TEST(quota, is_a_budget_per_unit) {
  const auto all = budgets_of(
      {.counter = "q", .requests = 3, .total_tokens = 4, .cost = decimal{5}, .period = day});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].counter, "q/requests");
  EXPECT_EQ(all[1].amount, decimal{4});
  EXPECT_EQ(all[2].unit, budget_unit::usd);
  EXPECT_EQ(all[2].period, day);
}

} // namespace
} // namespace axonhub::policy
