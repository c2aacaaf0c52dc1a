#include "policy/retry_budget.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

namespace axonhub::policy {
namespace {

std::size_t shares_with(std::size_t active) {
  auto budget = retry_budget{};
  auto requests = std::deque<retry_budget::active_request>{};
  for (std::size_t i = 0; i < active; ++i)
    requests.emplace_back(budget);
  auto held = std::vector<retry_budget::share>{};
  for (;;) {
    auto one = budget.take();
    if (!one.is_held())
      return held.size();
    held.push_back(std::move(one));
  }
}

TEST(retry_budget, is_a_share_of_the_active_requests_but_never_nothing) {
  EXPECT_EQ(shares_with(0), 3u);
  EXPECT_EQ(shares_with(1), 3u);
  EXPECT_EQ(shares_with(19), 3u);
  EXPECT_EQ(shares_with(20), 4u);
  EXPECT_EQ(shares_with(50), 10u);
  EXPECT_EQ(shares_with(1000), 200u);
}

TEST(retry_budget, gets_its_shares_back) {
  auto budget = retry_budget{{.percent = 0, .least = 1}};
  auto first = budget.take();
  EXPECT_TRUE(first.is_held());
  EXPECT_FALSE(budget.take().is_held());
  auto moved = std::move(first);
  EXPECT_FALSE(budget.take().is_held());
  moved.give_back();
  moved.give_back();
  EXPECT_TRUE(budget.take().is_held());
  EXPECT_TRUE(budget.take().is_held());
}

TEST(retry_budget, is_exact_between_threads) {
  auto budget = retry_budget{{.percent = 0, .least = 2}};
  auto most = std::atomic<int>{0};
  auto held = std::atomic<int>{0};
  auto threads = std::vector<std::jthread>{};
  for (auto i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (auto n = 0; n < 10'000; ++n)
        if (auto one = budget.take(); one.is_held()) {
          const auto now = ++held;
          for (auto seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          --held;
        }
    });
  threads.clear();
  EXPECT_LE(most, 2);
  EXPECT_TRUE(budget.take().is_held()) << "every share came back";
}

} // namespace
} // namespace axonhub::policy
