#include "policy/breaker.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

class breaker_test : public testing::Test {
protected:
  /// An attempt that begins and fails now.
  void fail(int times = 1) {
    for (auto i = 0; i < times; ++i) {
      tested.begin_probe(++lease, now);
      tested.fail(lease, now, now, 0.5);
    }
  }
  void succeed() {
    tested.begin_probe(++lease, now);
    tested.alive(lease, now);
  }
  void pass(milliseconds time) { now += time; }
  breaker_state state() const { return tested.state(now); }

  breaker tested{breaker_rule{}};
  steady_time now = steady_time{} + 1h;
  std::uint64_t lease = 0;
};

TEST_F(breaker_test, opens_after_five_failures_in_a_row) {
  fail(4);
  EXPECT_TRUE(tested.admits(now));
  fail();
  EXPECT_EQ(state(), breaker_state::open);
  EXPECT_FALSE(tested.admits(now));
  EXPECT_EQ(tested.left(now), 5s);
}

TEST_F(breaker_test, counts_anew_after_an_answer) {
  fail(4);
  succeed();
  fail(4);
  EXPECT_EQ(state(), breaker_state::closed);
}

TEST_F(breaker_test, counts_only_failures_within_its_window) {
  for (auto i = 0; i < 20; ++i) {
    fail();
    pass(16s);
  }
  EXPECT_EQ(state(), breaker_state::closed);
}

TEST_F(breaker_test, lets_one_probe_through_when_half_open) {
  fail(5);
  pass(5s);
  EXPECT_EQ(state(), breaker_state::half_open);
  ASSERT_TRUE(tested.admits(now));
  tested.begin_probe(++lease, now);
  EXPECT_FALSE(tested.admits(now));
  EXPECT_EQ(tested.left(now), 1s) << "when to ask again";
  tested.alive(lease, now);
  EXPECT_EQ(state(), breaker_state::closed);
}

TEST_F(breaker_test, stays_open_longer_each_time_its_probe_fails) {
  fail(5);
  for (const auto expected : {10s, 20s, 40s, 80s, 120s, 120s}) {
    pass(tested.left(now));
    ASSERT_EQ(state(), breaker_state::half_open);
    fail();
    EXPECT_EQ(tested.left(now), expected);
  }
}

TEST_F(breaker_test, lets_the_next_one_probe_when_the_probe_ends_without_a_verdict) {
  fail(5);
  pass(5s);
  tested.begin_probe(++lease, now);
  tested.give_back(lease);
  EXPECT_EQ(state(), breaker_state::half_open);
  EXPECT_TRUE(tested.admits(now));
}

TEST_F(breaker_test, does_not_wait_for_ever_for_a_lost_probe) {
  fail(5);
  pass(5s);
  tested.begin_probe(++lease, now);
  pass(2min - 1ms);
  EXPECT_FALSE(tested.admits(now));
  pass(1ms);
  EXPECT_TRUE(tested.admits(now));
}

TEST_F(breaker_test, ignores_failures_of_attempts_older_than_one_that_was_answered) {
  const auto began = now;
  pass(1s);
  succeed();
  for (auto i = 0; i < 50; ++i)
    tested.fail(1000 + i, began, now, 0.5);
  EXPECT_EQ(state(), breaker_state::closed);
}

TEST_F(breaker_test, keeps_failures_newer_than_the_attempt_that_was_answered) {
  const auto began = now;
  pass(1s);
  fail(4);
  tested.alive(2000, began);
  fail();
  EXPECT_EQ(state(), breaker_state::open);
}

TEST_F(breaker_test, asks_for_news_while_it_counts_failures) {
  EXPECT_FALSE(tested.is_in_doubt());
  fail();
  EXPECT_TRUE(tested.is_in_doubt());
  succeed();
  EXPECT_FALSE(tested.is_in_doubt());
  fail(5);
  EXPECT_TRUE(tested.is_in_doubt());
}

TEST_F(breaker_test, counts_answers_that_break_off_until_one_ends_well) {
  const auto began = now;
  pass(1s);
  const auto break_off = [&](int times) {
    for (auto i = 0; i < times; ++i)
      tested.break_off(++lease, now, 0.5);
  };
  break_off(4);
  succeed();
  tested.ended_well();
  break_off(4);
  tested.alive(++lease, began);
  succeed();
  EXPECT_EQ(state(), breaker_state::closed);
  break_off(1);
  EXPECT_EQ(state(), breaker_state::open) << "answers that only begin say nothing of their end";
}

TEST_F(breaker_test, forgets_a_probe_that_began_before_it_opened_anew) {
  fail(5);
  pass(5s);
  const auto probe = ++lease;
  const auto began = now;
  tested.begin_probe(probe, began);
  pass(1s);
  tested.fail(++lease, now, now, 0.5);
  const auto until = tested.until();
  pass(1s);
  tested.fail(probe, began, now, 0.5);
  EXPECT_EQ(tested.until(), until);
}

TEST_F(breaker_test, learns_nothing_from_attempts_begun_before_it_opened) {
  const auto began = now;
  pass(1s);
  fail(5);
  for (auto i = 0; i < 50; ++i)
    tested.fail(1000 + i, began, now, 0.5);
  EXPECT_EQ(tested.left(now), 5s);
  tested.alive(2000, began);
  EXPECT_EQ(state(), breaker_state::open);
}

} // namespace
} // namespace axonhub::policy
