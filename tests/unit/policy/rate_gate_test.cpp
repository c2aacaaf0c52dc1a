#include "policy/rate_gate.hpp"

#include <gtest/gtest.h>

#include "policy/fair_queue.hpp"

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

constexpr auto start = steady_time{} + 1h;

TEST(rate_gate, bounds_what_is_inside) {
  auto gate = rate_gate{};
  const auto limits = gate_limits{.max_concurrent = 2};
  gate.enter(1, 0, start);
  EXPECT_FALSE(gate.check(limits, start));
  gate.enter(2, 0, start);
  ASSERT_TRUE(gate.check(limits, start));
  EXPECT_EQ(gate.check(limits, start)->why, gate_reason::concurrency);
  EXPECT_EQ(gate.check(limits, start)->wait, 0ms);
  gate.leave(1, 0, start);
  gate.leave(1, 0, start);
  EXPECT_EQ(gate.inside(), 1u);
  EXPECT_FALSE(gate.check(limits, start));
}

TEST(rate_gate, bounds_requests_within_any_minute) {
  auto gate = rate_gate{};
  const auto limits = gate_limits{.rpm = 3};
  for (auto i = 0u; i < 3; ++i) {
    ASSERT_FALSE(gate.check(limits, start + i * 10s)) << i;
    gate.enter(i, 0, start + i * 10s);
    gate.leave(i, 0, start + i * 10s);
  }
  const auto refused = gate.check(limits, start + 25s);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, gate_reason::requests);
  EXPECT_EQ(refused->wait, 35s) << "when the first is a minute old";
  EXPECT_TRUE(gate.check(limits, start + 60s - 1ms));
  EXPECT_FALSE(gate.check(limits, start + 60s));
  EXPECT_EQ(gate.check({.rpm = 1}, start + 60s)->wait, 20s) << "a limit that was lowered meanwhile";
  EXPECT_TRUE(gate.check({.rpm = 0}, start + 10min));
}

TEST(rate_gate, counts_tokens_spent_and_reserved) {
  auto gate = rate_gate{};
  const auto limits = gate_limits{.tpm = 1000};
  gate.enter(1, 600, start);
  EXPECT_FALSE(gate.check(limits, start)) << "below the limit";
  gate.enter(2, 600, start + 1s);
  EXPECT_EQ(gate.check(limits, start + 2s)->why, gate_reason::tokens);
  EXPECT_EQ(gate.check(limits, start + 2s)->wait, 0ms) << "an end may free its reservation";
  gate.leave(1, 100, start + 2s);
  EXPECT_FALSE(gate.check(limits, start + 2s)) << "it needed less";
  gate.leave(2, 2000, start + 3s);
  EXPECT_EQ(gate.check(limits, start + 4s)->wait, 59s) << "the long answer counts for its minute";
  EXPECT_FALSE(gate.check(limits, start + 63s));
}

TEST(rate_gate, counts_the_guess_when_the_use_is_unknown) {
  auto gate = rate_gate{};
  gate.enter(1, 700, start);
  gate.leave(1, std::nullopt, start);
  EXPECT_TRUE(gate.check({.tpm = 700}, start));
  EXPECT_FALSE(gate.check({.tpm = 701}, start));
}

TEST(rate_gate, forgets_what_was_withdrawn) {
  auto gate = rate_gate{};
  const auto limits = gate_limits{.max_concurrent = 2, .rpm = 2, .tpm = 1000};
  gate.enter(1, 400, start);
  gate.enter(2, 700, start);
  EXPECT_TRUE(gate.check(limits, start));
  gate.withdraw(2);
  gate.withdraw(2);
  EXPECT_EQ(gate.inside(), 1u);
  EXPECT_FALSE(gate.check(limits, start)) << "neither place nor request nor tokens";
  gate.enter(3, 0, start + 1s);
  gate.leave(3, 0, start + 2s);
  EXPECT_EQ(gate.check(limits, start + 2s)->wait, 58s) << "the first is still there";
  gate.withdraw(1);
  EXPECT_FALSE(gate.check(limits, start + 2s));
}

std::string all_of(fair_queue<char, std::string>& queue) {
  auto text = std::string{};
  while (auto item = queue.pop())
    text += *item + " ";
  return text;
}

TEST(fair_queue, serves_groups_in_turns) {
  auto queue = fair_queue<char, std::string>{};
  for (const auto* item : {"a1", "a2", "a3", "b1", "b2", "c1"})
    queue.push(item[0], item);
  EXPECT_EQ(queue.size(), 6u);
  EXPECT_EQ(all_of(queue), "a1 b1 c1 a2 b2 a3 ");
  EXPECT_TRUE(queue.empty());
}

TEST(fair_queue, lets_items_leave) {
  auto queue = fair_queue<char, std::string>{};
  for (const auto* item : {"a1", "a2", "b1", "c1"})
    queue.push(item[0], item);
  auto left = std::string{};
  queue.remove_if([](const auto& item) { return item == "a1" || item == "b1"; },
                  [&](std::string item) { left += item; });
  EXPECT_EQ(left, "a1b1");
  EXPECT_EQ(queue.size(), 2u);
  queue.push('b', "b2");
  EXPECT_EQ(all_of(queue), "a2 c1 b2 ");
}

TEST(fair_queue, makes_room_where_one_group_has_more_than_its_share) {
  auto queue = fair_queue<char, std::string>{};
  EXPECT_FALSE(queue.displace('a'));
  for (const auto* item : {"a1", "a2", "a3", "a4", "b1"})
    queue.push(item[0], item);
  EXPECT_FALSE(queue.displace('a')) << "nobody has more";
  EXPECT_EQ(queue.displace('c'), "a4") << "the last of the longest";
  queue.push('c', "c1");
  EXPECT_EQ(queue.displace('b'), "a3");
  queue.push('b', "b2");
  EXPECT_FALSE(queue.displace('c')) << "it would have more than who gives way";
  EXPECT_EQ(queue.size(), 5u);
  EXPECT_EQ(all_of(queue), "a1 b1 c1 a2 b2 ");
}

} // namespace
} // namespace axonhub::policy
