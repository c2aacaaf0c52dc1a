#include "policy/affinity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

std::string first_of(const std::vector<candidate>& candidates, std::string_view key) {
  return candidates[order(candidates, key).front()].channel.text;
}

std::string trace(int number) { return "tr_" + std::to_string(number); }

constexpr auto traces = 20'000;

TEST(order, tries_tiers_by_priority_and_names_every_candidate_once) {
  const auto given = std::vector<candidate>{{{"c"}, "m", 0, 1, 100},
                                            {{"a"}, "m", 0, 0, 1},
                                            {{"d"}, "m", 0, 1, 100},
                                            {{"b"}, "m", 0, -1, 100}};
  for (auto i = 0; i < 50; ++i) {
    const auto indices = order(given, trace(i));
    ASSERT_EQ(indices.size(), 4u);
    EXPECT_EQ(indices[0], 3u);
    EXPECT_EQ(indices[1], 1u);
    EXPECT_EQ(indices[2] + indices[3], 0u + 2u);
  }
  EXPECT_TRUE(order({}, "tr_1").empty());
}

TEST(order, spreads_traces_by_weight_within_two_percent) {
  struct {
    std::string_view name;
    std::vector<candidate> given;
  } cases[] = {
      {"even",
       {{{"ch_a"}, "m", 0, 0, 100}, {{"ch_b"}, "m", 0, 0, 100}, {{"ch_c"}, "m", 0, 0, 100}}},
      {"one in ten", {{{"ch_a"}, "m", 0, 0, 900}, {{"ch_b"}, "m", 0, 0, 100}}},
      {"1 : 2 : 5", {{{"x"}, "m", 0, 0, 1}, {{"y"}, "m", 0, 0, 2}, {{"z"}, "m", 0, 0, 5}}},
  };
  for (const auto& [name, given] : cases) {
    SCOPED_TRACE(name);
    auto count = std::map<std::string, int>{};
    auto at_random = std::map<std::string, int>{};
    for (auto i = 0; i < traces; ++i) {
      ++count[first_of(given, trace(i))];
      const auto random = static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15ull;
      ++at_random[given[order(given, random).front()].channel.text];
    }
    auto total = 0.0;
    for (const auto& c : given)
      total += c.weight;
    for (const auto& c : given) {
      EXPECT_NEAR(count[c.channel.text] / double{traces}, c.weight / total, 0.02) << c.channel.text;
      EXPECT_NEAR(at_random[c.channel.text] / double{traces}, c.weight / total, 0.02);
    }
  }
}

TEST(order, moves_only_the_traces_of_a_channel_that_comes_or_goes) {
  const auto two = std::vector<candidate>{{{"ch_a"}, "m", 0, 0, 100}, {{"ch_b"}, "m", 0, 0, 100}};
  auto three = two;
  three.push_back({{"ch_c"}, "m", 0, 0, 100});
  auto moved = 0;
  for (auto i = 0; i < traces; ++i) {
    const auto before = first_of(two, trace(i)), after = first_of(three, trace(i));
    if (before == after)
      continue;
    EXPECT_EQ(after, "ch_c");
    ++moved;
  }
  EXPECT_NEAR(moved / double{traces}, 1.0 / 3, 0.02);
}

TEST(order, does_not_depend_on_how_the_candidates_are_listed) {
  const auto given = std::vector<candidate>{
      {{"ch_a"}, "m", 0, 0, 100}, {{"ch_b"}, "m", 0, 0, 50}, {{"ch_c"}, "m", 0, 0, 10}};
  const auto reversed = std::vector<candidate>{given.rbegin(), given.rend()};
  for (auto i = 0; i < 1000; ++i)
    EXPECT_EQ(first_of(given, trace(i)), first_of(reversed, trace(i)));
}

TEST(order, is_the_same_in_every_release) {
  const auto given = std::vector<candidate>{
      {{"ch_a"}, "m", 0, 0, 100}, {{"ch_b"}, "m", 0, 0, 100}, {{"ch_c"}, "m", 0, 0, 100}};
  auto firsts = std::string{};
  for (auto i = 0; i < 24; ++i)
    firsts += first_of(given, trace(i)).back();
  EXPECT_EQ(firsts, "bbbcbbaccbbaaaabbbabbacb");
}

class binding_after_test : public testing::Test {
protected:
  static request_outcome served_by(std::string_view channel, llm::usage tokens = {},
                                   std::string_view credential = "cr") {
    return {
        .served = lease{.channel = {std::string{channel}}, .credential = {std::string{credential}}},
        .completed = true,
        .tokens = tokens};
  }
  static llm::usage reads(std::uint64_t count) { return {.cache_read = count}; }
  static llm::usage writes(std::uint64_t count) { return {.cache_write = count}; }
  static llm::usage writes_for_an_hour(std::uint64_t count) {
    return {.cache_write = count, .cache_write_1h = count};
  }
  /// Feeds an outcome and keeps the new binding; answers whether the request was moved.
  bool feed(const request_outcome& outcome) {
    auto change = binding_after(bound, outcome, now, rules);
    bound = change.next;
    return change.moved;
  }
  void pass(milliseconds time) { now += time; }

  affinity_rules rules;
  std::optional<binding> bound;
  wall_time now = wall_time{} + 24h * 365;
};

TEST_F(binding_after_test, binds_at_the_first_complete_answer) {
  EXPECT_FALSE(feed({}));
  EXPECT_FALSE(bound);
  auto cut = served_by("a");
  cut.completed = false;
  EXPECT_FALSE(feed(cut));
  EXPECT_FALSE(bound);
  EXPECT_FALSE(feed(served_by("a")));
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->channel, channel_id{"a"});
  EXPECT_EQ(bound->credential, credential_id{"cr"});
  EXPECT_EQ(bound->warm_until, bound->since) << "nothing was cached: cold";
  EXPECT_EQ(price_of_leaving(*bound, now), 0u);
}

TEST_F(binding_after_test, knows_how_long_the_cache_is_warm) {
  feed(served_by("a", writes(1000)));
  EXPECT_EQ(bound->warm_until, now + 5min);
  EXPECT_EQ(price_of_leaving(*bound, now), 1000u);
  pass(4min);
  feed(served_by("a", {.cache_read = 1000, .cache_write = 200}));
  EXPECT_EQ(bound->warm_until, now + 5min);
  EXPECT_EQ(bound->warm_tokens, 1200u);
  feed(served_by("a", writes_for_an_hour(300)));
  const auto hour = bound->warm_until;
  EXPECT_EQ(hour, now + 1h);
  pass(1min);
  feed(served_by("a", reads(300)));
  EXPECT_EQ(bound->warm_until, hour) << "a read does not shorten it";
  feed(served_by("a"));
  EXPECT_EQ(bound->warm_tokens, 300u) << "an answer without cache says nothing about it";
  pass(1h);
  EXPECT_EQ(price_of_leaving(*bound, now), 0u);
}

TEST_F(binding_after_test, returns_after_a_short_outage) {
  feed(served_by("a", writes(1000)));
  pass(1min);
  EXPECT_TRUE(feed(served_by("b", writes(1000))));
  EXPECT_EQ(bound->channel, channel_id{"a"});
  pass(1min);
  EXPECT_FALSE(feed(served_by("a", reads(1000))));
  EXPECT_EQ(bound->last_used_at, now);
}

TEST_F(binding_after_test, moves_for_good_when_the_old_cache_is_cold) {
  feed(served_by("a", writes(1000)));
  pass(5min);
  EXPECT_TRUE(feed(served_by("b", writes(700))));
  EXPECT_EQ(bound->channel, channel_id{"b"});
  EXPECT_EQ(bound->since, now);
  EXPECT_EQ(bound->warm_tokens, 700u);
  EXPECT_FALSE(feed(served_by("b", reads(700))));
}

TEST_F(binding_after_test, returns_to_its_credential_too) {
  feed(served_by("a", writes(1000), "cr_1"));
  EXPECT_FALSE(feed(served_by("a", writes(1000), "cr_2"))) << "the channel is the same";
  EXPECT_EQ(bound->credential, credential_id{"cr_1"});
  pass(6min);
  EXPECT_FALSE(feed(served_by("a", writes(1000), "cr_2")));
  EXPECT_EQ(bound->credential, credential_id{"cr_2"});
}

TEST_F(binding_after_test, stays_bound_when_nothing_served) {
  feed(served_by("a"));
  const auto before = bound;
  pass(10min);
  EXPECT_FALSE(feed({}));
  EXPECT_EQ(bound->last_used_at, before->last_used_at);
  auto cut = served_by("b");
  cut.completed = false;
  EXPECT_TRUE(feed(cut));
  EXPECT_EQ(bound->channel, channel_id{"a"});
}

TEST_F(binding_after_test, drops_a_binding_that_was_idle_for_too_long) {
  feed(served_by("a", writes_for_an_hour(9)));
  pass(1h);
  EXPECT_FALSE(has_expired(*bound, now, rules));
  pass(1ms);
  EXPECT_TRUE(has_expired(*bound, now, rules));
  EXPECT_FALSE(feed(served_by("b"))) << "a session without a binding does not move";
  EXPECT_EQ(bound->channel, channel_id{"b"});
  pass(2h);
  feed({});
  EXPECT_FALSE(bound);
}

} // namespace
} // namespace axonhub::policy
