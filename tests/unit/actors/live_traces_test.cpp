#include "actors/live_traces.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;

trace_id id_of(std::size_t number) { return {derive_id("tr_", std::to_string(number))}; }

std::string ids_of(const std::vector<live_traces::entry>& entries) {
  auto text = std::string{};
  for (const auto& e : entries)
    text += e.id.text + " ";
  return text;
}

// Handles that name no actor are all alike, and that is all that is needed here.
TEST(live_traces, finds_what_was_added_and_not_forgotten) {
  auto chance = std::mt19937{1};
  auto live = live_traces{};
  auto expected = std::map<trace_id, steady_time>{};
  auto now = steady_time{};
  for (auto step = 0; step < 20'000; ++step, now += 1ms) {
    // Grows to some hundreds, and then shrinks to nearly nothing.
    const auto id = id_of(chance() % (step < 12'000 ? 600 : 20));
    const auto* known = live.use(id, now);
    ASSERT_EQ(known != nullptr, expected.contains(id));
    if (known != nullptr && chance() % 2 == 0) {
      live.forget(id, known->actor);
      expected.erase(id);
      continue;
    }
    if (known == nullptr)
      live.add(id, {}, now);
    expected[id] = now;
    if (step > 12'000 && !expected.empty()) {
      const auto any = expected.begin()->first;
      live.forget(any, live.find(any)->actor);
      expected.erase(any);
    }
    ASSERT_EQ(live.size(), expected.size());
  }
  for (const auto& [id, used] : expected) {
    ASSERT_NE(live.find(id), nullptr);
    EXPECT_EQ(live.find(id)->last_used, used);
  }
}

TEST(live_traces, keeps_the_order_of_use) {
  auto live = live_traces{};
  auto now = steady_time{} + 1h;
  for (const auto* name : {"a", "b", "c"})
    live.add({name}, {}, now += 1s);
  live.use({"a"}, now += 1s);
  EXPECT_EQ(ids_of(live.newest(10)), "a c b ");
  EXPECT_EQ(ids_of(live.oldest(2)), "b c ");
}

// However often it is used, and however shortly after the last time.
TEST(live_traces, lets_no_trace_in_use_grow_old) {
  auto live = live_traces{};
  auto now = steady_time{} + 1h;
  live.add({"busy"}, {}, now);
  live.add({"idle"}, {}, now);
  for (auto i = 0; i < 100; ++i)
    live.use({"busy"}, now += 20ms);
  EXPECT_EQ(ids_of(live.oldest(1)), "idle ");
}

} // namespace
} // namespace axonhub::actors
