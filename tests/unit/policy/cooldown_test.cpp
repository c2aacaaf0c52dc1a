#include "policy/cooldown.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

constexpr auto rule = cooldown_rule{10s, 2min};
constexpr auto middle = 0.5; // A jitter that changes nothing.

class cooldown_test : public testing::Test {
protected:
  /// A try that begins now and fails at once; answers with the rest that follows.
  milliseconds fail(std::optional<milliseconds> told = std::nullopt, double jitter = middle) {
    tested.fail(now, now, told, rule, jitter);
    return tested.left(now);
  }
  void pass(milliseconds time) { now += time; }

  cooldown tested;
  steady_time now = steady_time{} + 1h;
};

TEST_F(cooldown_test, doubles_up_to_its_limit_while_failures_go_on) {
  for (const auto expected : {10s, 20s, 40s, 80s, 120s, 120s}) {
    EXPECT_EQ(fail(), expected);
    pass(tested.left(now) + 1ms);
    EXPECT_FALSE(tested.active(now));
  }
}

TEST_F(cooldown_test, heals_with_success) {
  for (auto i = 0; i < 4; ++i) {
    fail();
    pass(tested.left(now) + 1ms);
  }
  tested.succeed(now);
  EXPECT_EQ(fail(), 40s);
  pass(1s);
  tested.succeed(now);
  EXPECT_FALSE(tested.active(now)) << "a try that began during the rest went well";
  EXPECT_EQ(fail(), 20s);
}

TEST_F(cooldown_test, forgets_after_a_long_quiet_time) {
  fail();
  pass(10s + 2min + 1s);
  EXPECT_EQ(fail(), 10s);
}

TEST_F(cooldown_test, rests_as_long_as_told_and_up_to_a_fifth_longer) {
  EXPECT_EQ(fail(7s, 0.0), 7s);
  pass(8s);
  EXPECT_EQ(fail(3s, 0.5), 3300ms);
  pass(4s);
  EXPECT_LT(fail(3s, 0.999), 3600ms);
  pass(4s);
  EXPECT_EQ(fail(), 10s) << "what was told does not grow the next rest";
}

TEST_F(cooldown_test, counts_failures_of_one_wave_once) {
  const auto began = now;
  pass(1s);
  fail();
  for (auto i = 0; i < 50; ++i)
    tested.fail(began, now, std::nullopt, rule, middle);
  EXPECT_EQ(tested.left(now), 10s);
  tested.fail(began, now, 30s, rule, 0);
  EXPECT_EQ(tested.left(now), 30s) << "but what one of them was told holds";
  pass(31s);
  EXPECT_EQ(fail(), 20s);
}

TEST_F(cooldown_test, counts_failures_of_one_wave_once_also_when_the_rest_is_over) {
  const auto began = now;
  pass(1s);
  fail();
  pass(11s);
  tested.fail(began, now, std::nullopt, rule, middle);
  EXPECT_FALSE(tested.active(now));
  tested.fail(began, now, 30s, rule, 0);
  EXPECT_EQ(tested.left(now), 30s) << "but what one of them was told holds";
}

TEST_F(cooldown_test, ignores_failures_older_than_a_success) {
  const auto began = now;
  pass(1s);
  tested.succeed(now);
  tested.fail(began, now, std::nullopt, rule, middle);
  EXPECT_FALSE(tested.active(now));
}

TEST_F(cooldown_test, is_not_ended_by_the_success_of_an_older_try) {
  const auto began = now;
  pass(1s);
  fail();
  tested.succeed(began);
  EXPECT_TRUE(tested.active(now));
}

TEST(growing_wait, is_spread_by_a_fifth_to_both_sides) {
  EXPECT_EQ(growing_wait(rule, 0, 0.0), 8s);
  EXPECT_EQ(growing_wait(rule, 0, 0.5), 10s);
  EXPECT_LT(growing_wait(rule, 0, 0.999), 12s);
  EXPECT_EQ(growing_wait(rule, 1000, 0.5), 2min);
}

} // namespace
} // namespace axonhub::policy
