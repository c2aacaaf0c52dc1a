#include "policy/affinity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

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
      {"far apart", {{{"x"}, "m", 0, 0, 1}, {{"y"}, "m", 0, 0, 1000}}},
      {"a dozen",
       {{{"a"}, "m", 0, 0, 50},
        {{"b"}, "m", 0, 0, 100},
        {{"c"}, "m", 0, 0, 200},
        {{"d"}, "m", 0, 0, 400},
        {{"e"}, "m", 0, 0, 50},
        {{"f"}, "m", 0, 0, 100},
        {{"g"}, "m", 0, 0, 200},
        {{"h"}, "m", 0, 0, 400},
        {{"i"}, "m", 0, 0, 50},
        {{"j"}, "m", 0, 0, 100},
        {{"k"}, "m", 0, 0, 200},
        {{"l"}, "m", 0, 0, 400}}},
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

TEST(order, moves_only_what_must_move_whatever_the_channels) {
  for (auto seed = std::uint64_t{1}; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    auto dice = std::mt19937_64{seed};
    auto more = std::vector<candidate>{};
    for (auto i = dice() % 11 + 2; i > 0; --i)
      more.push_back({.channel = {"ch_" + std::to_string(dice())},
                      .upstream_model = "m",
                      .priority = static_cast<std::int32_t>(dice() % 2),
                      .weight = static_cast<std::uint32_t>(dice() % 400)});
    const auto odd_one = more[dice() % more.size()];
    auto fewer = more;
    std::erase_if(fewer, [&](const candidate& c) { return c.channel == odd_one.channel; });
    for (auto i = 0; i < 500; ++i) {
      // The order of the others stays as well: so does where their sessions move when they fail.
      auto left = std::vector<std::string>{}, expected = std::vector<std::string>{};
      for (const auto at : order(more, trace(i)))
        if (more[at].channel != odd_one.channel)
          expected.push_back(more[at].channel.text);
      for (const auto at : order(fewer, trace(i)))
        left.push_back(fewer[at].channel.text);
      ASSERT_EQ(left, expected);
    }
  }
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

/// Requests that all stay under way, placed one after the other; how many went to each candidate.
std::vector<std::uint32_t> placed(const std::vector<candidate>& given, int requests, bool by_load) {
  auto dice = std::mt19937_64{7};
  auto in_flight = std::vector<std::uint32_t>(given.size());
  for (auto i = 0; i < requests; ++i) {
    const auto random = dice();
    ++in_flight[by_load ? order_by_load(given, in_flight, random).front()
                        : order(given, random).front()];
  }
  return in_flight;
}

TEST(order_by_load, fills_channels_more_evenly_than_chance_alone) {
  auto given = std::vector<candidate>{};
  for (auto i = 0; i < 10; ++i)
    given.push_back({.channel = {"ch_" + std::to_string(i)}, .upstream_model = "m"});
  EXPECT_GT(std::ranges::max(placed(given, 1000, false)), 110u);
  EXPECT_LE(std::ranges::max(placed(given, 1000, true)), 104u);
}

TEST(order_by_load, keeps_to_the_weights) {
  const auto given = std::vector<candidate>{{{"a"}, "m", 0, 0, 100},
                                            {{"b"}, "m", 0, 0, 200},
                                            {{"c"}, "m", 0, 0, 200},
                                            {{"d"}, "m", 0, 0, 500}};
  const auto load = placed(given, traces, true);
  for (std::size_t i = 0; i < given.size(); ++i)
    EXPECT_NEAR(load[i] / double{traces}, given[i].weight / 1000.0, 0.02) << given[i].channel.text;
}

TEST(order_by_load, goes_to_the_less_loaded_of_two_for_its_weight) {
  const auto even = std::vector<candidate>{{{"a"}, "m", 0, 0, 100}, {{"b"}, "m", 0, 0, 100}};
  const auto uneven = std::vector<candidate>{{{"a"}, "m", 0, 0, 100}, {{"b"}, "m", 0, 0, 300}};
  for (auto random = std::uint64_t{0}; random < 200; ++random) {
    EXPECT_EQ(order_by_load(even, {5, 4}, random).front(), 1u);
    EXPECT_EQ(order_by_load(even, {5, 6}, random).front(), 0u);
    EXPECT_EQ(order_by_load(uneven, {2, 5}, random).front(), 1u);
    EXPECT_EQ(order_by_load(uneven, {1, 4}, random).front(), 0u);
    EXPECT_EQ(order_by_load(uneven, {1, 3}, random), order(uneven, random)) << "a tie";
  }
}

TEST(order_by_load, keeps_tiers_and_names_every_candidate_once) {
  const auto given = std::vector<candidate>{{{"a"}, "m", 0, 1, 100},
                                            {{"b"}, "m", 0, 0, 100},
                                            {{"c"}, "m", 1, 0, 100},
                                            {{"d"}, "m", 0, 1, 100}};
  for (auto random = std::uint64_t{0}; random < 50; ++random) {
    auto indices = order_by_load(given, {0, 99, 0, 0}, random);
    EXPECT_EQ(indices.front(), 1u) << "however much it has to do";
    EXPECT_EQ(indices.back(), 2u);
    std::ranges::sort(indices);
    EXPECT_EQ(indices, (std::vector<std::size_t>{0, 1, 2, 3}));
  }
  EXPECT_TRUE(order_by_load(std::vector<candidate>{}, {}, 7).empty());
  EXPECT_EQ(order_by_load({given[0]}, {9}, 7), (std::vector<std::size_t>{0}));
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

TEST_F(binding_after_test, moves_when_requests_are_too_much_for_it_twice_in_a_row) {
  auto visit = served_by("able", writes(5000));
  visit.visiting = true;
  feed(served_by("home", writes_for_an_hour(1000)));
  EXPECT_TRUE(feed(visit));
  EXPECT_EQ(bound->channel, channel_id{"home"}) << "one such request";
  feed(served_by("home", reads(1000)));
  EXPECT_TRUE(feed(visit));
  EXPECT_EQ(bound->channel, channel_id{"home"}) << "not in a row";
  EXPECT_TRUE(feed(visit));
  EXPECT_EQ(bound->channel, channel_id{"able"}) << "it has outgrown its channel";
}

TEST_F(binding_after_test, stays_where_it_is_however_often_a_tool_is_used_elsewhere) {
  auto search = served_by("able", writes(5000));
  search.visiting = search.aside = true;
  feed(served_by("home"));
  for (auto i = 0; i < 3; ++i) {
    EXPECT_TRUE(feed(search));
    EXPECT_EQ(bound->channel, channel_id{"home"}) << "the conversation goes on there";
  }
}

TEST_F(binding_after_test, does_not_wait_for_a_cold_home_that_is_too_small) {
  auto visit = served_by("able");
  visit.visiting = true;
  feed(served_by("home"));
  EXPECT_TRUE(feed(visit));
  EXPECT_EQ(bound->channel, channel_id{"able"});
}

TEST_F(binding_after_test, moves_at_once_when_its_credential_is_out) {
  struct {
    std::string_view name;
    milliseconds away;
    std::string_view expected;
  } cases[] = {
      {"busy for a moment", 0ms, "cr_1"},
      {"rests for less than the cache lives", 4min, "cr_1"},
      {"rests for longer", 6min, "cr_2"},
      {"refused, disabled or deleted", milliseconds::max(), "cr_2"},
  };
  for (const auto& [name, away, expected] : cases) {
    SCOPED_TRACE(name);
    bound.reset();
    feed(served_by("a", writes(1000), "cr_1"));
    auto other = served_by("a", writes(1000), "cr_2");
    other.served->preferred_away = away;
    EXPECT_FALSE(feed(other));
    EXPECT_EQ(bound->credential.text, expected);
  }
}

TEST_F(binding_after_test, does_not_return_to_what_is_no_more) {
  feed(served_by("deleted", writes(1000)));
  auto outcome = served_by("b");
  outcome.home_is_gone = true;
  EXPECT_FALSE(feed(outcome)) << "there was nothing to move from";
  EXPECT_EQ(bound->channel, channel_id{"b"});
  outcome = {};
  outcome.home_is_gone = true;
  feed(outcome);
  EXPECT_FALSE(bound) << "also where nobody served";
}

TEST_F(binding_after_test, takes_a_long_prompt_for_cached_where_nobody_tells_of_writes) {
  auto outcome = served_by("home", {.input = 5000, .output = 1, .seen = true});
  EXPECT_EQ(binding_after({}, outcome, now, rules).next->warm_tokens, 0u);
  outcome.caches_unasked = true;
  EXPECT_EQ(binding_after({}, outcome, now, rules).next->warm_tokens, 5000u);
  outcome.tokens.input = 500;
  EXPECT_EQ(binding_after({}, outcome, now, rules).next->warm_tokens, 0u) << "too short to be kept";
}

} // namespace
} // namespace axonhub::policy
