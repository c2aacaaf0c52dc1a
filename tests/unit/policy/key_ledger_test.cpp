#include "policy/key_ledger.hpp"

#include <gtest/gtest.h>

#include <random>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

const auto day = period{.kind = period_kind::calendar_duration, .unit = period_unit::day};

budget budget_of(budget_unit unit, std::string_view amount, period p = day) {
  return {.counter = "b/" + std::string{to_text(unit)},
          .unit = unit,
          .amount = parse_decimal_text(amount).value(),
          .period = std::move(p),
          .soft_at = {}};
}

class key_ledger_test : public testing::Test {
protected:
  void rules(key_rules r) { ledger = key_ledger{std::move(r), {}}; }

  /// The number of the request, or nothing when it is refused.
  std::optional<std::uint64_t> reserve(key_request asked = {.prompt_tokens = 100}) {
    refused = ledger.reserve(++number, asked, now);
    return refused ? std::nullopt : std::optional{number};
  }

  void settle(std::uint64_t which, std::uint64_t tokens, std::string_view cost = {}) {
    auto used = key_use{.asked_upstream = true, .tokens = tokens};
    if (!cost.empty())
      used.cost = parse_decimal_text(cost);
    ledger.settle(which, used, now);
  }

  budget_state state(std::size_t which = 0) { return ledger.budgets(now.wall).at(which); }

  void advance(milliseconds by) {
    now.steady += by;
    now.wall += by;
  }

  key_ledger ledger{{}, {}};
  std::optional<key_refusal> refused;
  std::uint64_t number = 0;
  instant now{steady_time{} + 1000h, wall_time{std::chrono::hours{24 * 20'000 + 12}}};
};

TEST_F(key_ledger_test, admits_exactly_so_many_requests) {
  rules({.budgets = {budget_of(budget_unit::requests, "5")}});
  for (auto i = 0; i < 5; ++i)
    EXPECT_TRUE(reserve()) << i;
  EXPECT_FALSE(reserve());
  EXPECT_EQ(refused->why, key_reason::budget_exhausted);
  EXPECT_EQ(refused->wait, 12h);
  EXPECT_NE(refused->message.find("5 requests (calendar day in UTC)"), std::string::npos);
  EXPECT_NE(refused->message.find("T00:00:00"), std::string::npos);
  EXPECT_EQ(to_text(state().reserved), "5");
  for (auto i = 1; i <= 5; ++i)
    settle(static_cast<std::uint64_t>(i), 10);
  EXPECT_FALSE(reserve());
  EXPECT_EQ(to_text(state().spent), "5");
  EXPECT_EQ(state().reserved, decimal{});
  advance(12h);
  EXPECT_TRUE(reserve()) << "the next day";
}

TEST_F(key_ledger_test, gives_back_what_was_not_used) {
  rules({.budgets = {budget_of(budget_unit::requests, "1")}});
  const auto first = reserve();
  ledger.settle(*first, {}, now);
  EXPECT_TRUE(reserve()) << "no upstream was asked";
}

TEST_F(key_ledger_test, reserves_tokens_by_the_mean_of_answers) {
  rules({.budgets = {budget_of(budget_unit::tokens, "10000")}});
  reserve();
  EXPECT_EQ(to_text(state().reserved), "1100") << "a first guess of 1000 for the answer";
  ledger.settle(1, {.asked_upstream = true, .tokens = 300, .output = 200}, now);
  EXPECT_EQ(to_text(state().spent), "300");
  reserve();
  EXPECT_EQ(to_text(state().reserved), "1000") << "(7 * 1000 + 200) / 8 for the answer";
  reserve({.prompt_tokens = 100, .most_output = 50});
  EXPECT_EQ(to_text(state().reserved), "1150") << "no more than the client asks for";
}

// The promise of the overshoot: what those in flight use beyond their reservations, and the last
// one admitted.
TEST_F(key_ledger_test, overshoots_tokens_by_no_more_than_promised) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  auto random = std::mt19937{seed};
  rules({.budgets = {budget_of(budget_unit::tokens, "100000")}});
  struct flight {
    std::uint64_t number;
    std::uint64_t prompt;
  };
  auto flying = std::vector<flight>{};
  auto promised = decimal{100'000};
  auto largest = std::uint64_t{0};
  for (auto i = 0; i < 3000; ++i) {
    const auto prompt = std::uniform_int_distribution<std::uint64_t>{1, 500}(random);
    if (const auto made = reserve({.prompt_tokens = prompt}))
      flying.push_back({*made, prompt});
    if (flying.size() < 20 && !refused)
      continue;
    if (flying.empty())
      break;
    const auto which = std::uniform_int_distribution<std::size_t>{0, flying.size() - 1}(random);
    const auto output = std::uniform_int_distribution<std::uint64_t>{0, 3000}(random);
    const auto used = flying[which].prompt + output;
    largest = std::max(largest, used);
    ledger.settle(flying[which].number, {.asked_upstream = true, .tokens = used, .output = output},
                  now);
    flying.erase(flying.begin() + static_cast<std::ptrdiff_t>(which));
  }
  EXPECT_GE(state().spent, promised) << "it was used up";
  EXPECT_LT(state().spent, promised + decimal{21 * largest});
  EXPECT_EQ(state().reserved, decimal{});
  EXPECT_EQ(state().remaining(), decimal{});
}

TEST_F(key_ledger_test, counts_money_exactly) {
  rules({.budgets = {budget_of(budget_unit::usd, "0.3")}});
  const auto priced = key_request{.prompt_tokens = 1000,
                                  .most_output = 100,
                                  .input_price = decimal{3},
                                  .output_price = decimal{15}};
  for (auto i = 0; i < 3; ++i) {
    const auto made = reserve(priced);
    ASSERT_TRUE(made) << i;
    EXPECT_EQ(to_text(state().reserved), "0.0045");
    settle(*made, 10, "0.1");
  }
  EXPECT_EQ(to_text(state().spent), "0.3");
  EXPECT_FALSE(reserve(priced)) << "0.1 three times is 0.3";
}

TEST_F(key_ledger_test, tells_what_it_could_not_price) {
  rules({.budgets = {budget_of(budget_unit::usd, "1")}});
  settle(*reserve(), 500);
  EXPECT_EQ(state().spent, decimal{});
  EXPECT_EQ(state().unpriced, 1u);
  settle(*reserve(), 500, "0.5");
  EXPECT_EQ(state().unpriced, 1u);
}

TEST_F(key_ledger_test, charges_an_answer_that_was_cut_with_what_it_probably_said) {
  rules({.budgets = {budget_of(budget_unit::tokens, "100000")}});
  ledger.settle(*reserve(), {.asked_upstream = true, .cut = true, .tokens = 101, .output = 1}, now);
  EXPECT_EQ(to_text(state().spent), "1100");
  ledger.settle(*reserve(), {.asked_upstream = true, .cut = true, .tokens = 9000, .output = 1},
                now);
  EXPECT_EQ(to_text(state().spent), "11099");
  ledger.settle(*reserve(), {.asked_upstream = true}, now);
  EXPECT_EQ(to_text(state().spent), "12199") << "nobody knows: as reserved";
}

TEST_F(key_ledger_test, charges_money_for_what_a_cut_answer_probably_still_said) {
  rules({.budgets = {budget_of(budget_unit::usd, "100000")}});
  const auto priced = key_request{
      .prompt_tokens = 100, .input_price = decimal{0}, .output_price = decimal{1'000'000}};
  const auto cut = [&](std::uint64_t output) {
    ledger.settle(*reserve(priced),
                  {.asked_upstream = true,
                   .cut = true,
                   .tokens = 100 + output,
                   .output = output,
                   .cost = decimal{output}},
                  now);
  };
  cut(999);
  EXPECT_EQ(to_text(state().spent), "1000") << "one token of 1000 was not told";
  cut(1);
  EXPECT_EQ(to_text(state().spent), "2000");
  cut(5000);
  EXPECT_EQ(to_text(state().spent), "7000") << "it said more than was thought";
}

TEST_F(key_ledger_test, refuses_by_limits_with_the_wait) {
  rules({.limits = {.max_concurrent = 2, .rpm = 3, .tpm = {}}});
  const auto first = reserve();
  reserve();
  EXPECT_FALSE(reserve());
  EXPECT_EQ(refused->why, key_reason::key_concurrency);
  EXPECT_EQ(refused->wait, std::nullopt);
  settle(*first, 1);
  advance(10s);
  EXPECT_TRUE(reserve());
  settle(number, 1);
  EXPECT_FALSE(reserve());
  EXPECT_EQ(refused->why, key_reason::key_rate_limit);
  EXPECT_EQ(refused->wait, 50s);
}

TEST_F(key_ledger_test, lets_count_tokens_pass_budgets_but_not_the_rate) {
  rules({.limits = {.max_concurrent = {}, .rpm = 3, .tpm = 10},
         .budgets = {budget_of(budget_unit::requests, "1"), budget_of(budget_unit::tokens, "1")}});
  settle(*reserve(), 500);
  EXPECT_FALSE(reserve());
  const auto counting = key_request{.prompt_tokens = 100, .counts_tokens = true};
  const auto counted = reserve(counting);
  ASSERT_TRUE(counted);
  settle(*counted, 100);
  EXPECT_EQ(to_text(state(0).spent), "1");
  EXPECT_EQ(to_text(state(1).spent), "500");
  EXPECT_TRUE(reserve(counting));
  EXPECT_FALSE(reserve(counting));
  EXPECT_EQ(refused->why, key_reason::key_rate_limit);
}

TEST_F(key_ledger_test, switches_quotas_with_the_profile) {
  auto both = key_rules{.quotas = {{{"p1"}, {.counter = "q1", .requests = 1, .period = day}},
                                   {{"p2"}, {.counter = "q2", .requests = 2, .period = day}}}};
  EXPECT_TRUE(both.limit_anything()) << "the counters must be at hand when one is worn";
  EXPECT_FALSE(key_rules{}.limit_anything());
  both.active_profile = {"p1"};
  EXPECT_TRUE(both.limit_anything());
  rules(both);
  settle(*reserve(), 1);
  EXPECT_FALSE(reserve());
  EXPECT_EQ(refused->why, key_reason::quota_exhausted);
  both.active_profile = {"p2"};
  ledger.adopt(both);
  EXPECT_TRUE(reserve());
  ASSERT_EQ(ledger.budgets(now.wall).size(), 1u);
  EXPECT_EQ(state().profile, profile_id{"p2"});
  both.active_profile = {"p1"};
  ledger.adopt(both);
  EXPECT_FALSE(reserve()) << "what p1 has counted stays";
}

TEST_F(key_ledger_test, keeps_counts_over_a_new_amount_and_forgets_what_was_taken_away) {
  rules({.budgets = {budget_of(budget_unit::requests, "1")}});
  const auto under_way = *reserve();
  ledger.adopt({.budgets = {budget_of(budget_unit::requests, "2")}});
  const auto second = *reserve();
  EXPECT_FALSE(reserve());
  ledger.adopt({});
  settle(under_way, 1);
  ledger.adopt({.budgets = {budget_of(budget_unit::requests, "1")}});
  EXPECT_FALSE(reserve()) << "the second one is still under way";
  ledger.adopt({});
  settle(second, 1);
  ledger.adopt({.budgets = {budget_of(budget_unit::requests, "1")}});
  EXPECT_TRUE(reserve());
}

TEST_F(key_ledger_test, goes_on_from_what_was_stored) {
  const auto set = key_rules{
      .budgets = {budget_of(budget_unit::requests, "2"), budget_of(budget_unit::tokens, "5000")}};
  rules(set);
  ledger.settle(*reserve(), {.asked_upstream = true, .tokens = 800, .output = 8}, now);
  const auto under_way = *reserve();
  ledger = key_ledger{set, ledger.counters()};
  EXPECT_EQ(to_text(state(0).spent), "1");
  EXPECT_EQ(to_text(state(1).spent), "800");
  EXPECT_EQ(state(1).reserved, decimal{}) << "nothing is in flight after a restart";
  settle(under_way, 100);
  EXPECT_EQ(to_text(state(0).spent), "2") << "one from before counts";
  EXPECT_FALSE(reserve());
}

TEST_F(key_ledger_test, tells_once_that_a_soft_share_is_reached) {
  auto soft = budget_of(budget_unit::requests, "4");
  soft.soft_at = parse_decimal_text("0.5");
  rules({.budgets = {soft}});
  settle(*reserve(), 1);
  EXPECT_TRUE(ledger.take_soft_news(now.wall).empty());
  settle(*reserve(), 1);
  EXPECT_TRUE(state().soft_reached);
  EXPECT_EQ(ledger.take_soft_news(now.wall).size(), 1u);
  settle(*reserve(), 1);
  EXPECT_TRUE(ledger.take_soft_news(now.wall).empty());
  advance(24h);
  EXPECT_FALSE(state().soft_reached);
  settle(*reserve(), 1);
  settle(*reserve(), 1);
  EXPECT_EQ(ledger.take_soft_news(now.wall).size(), 1u) << "each day anew";
}

TEST_F(key_ledger_test, tells_once_of_a_sliding_budget_that_hovers_about_its_soft_share) {
  auto soft =
      budget_of(budget_unit::requests, "10",
                {.kind = period_kind::past_duration, .value = 1, .unit = period_unit::hour});
  soft.soft_at = parse_decimal_text("0.5");
  rules({.budgets = {soft}});
  auto news = std::size_t{0};
  for (auto i = 0; i < 40; ++i) { // five or six within any hour
    settle(*reserve(), 1);
    news += ledger.take_soft_news(now.wall).size();
    advance(11min);
  }
  EXPECT_EQ(news, 1u);
  advance(2h);
  for (auto i = 0; i < 5; ++i)
    settle(*reserve(), 1);
  EXPECT_EQ(ledger.take_soft_news(now.wall).size(), 1u) << "after a quiet time it is news again";
}

TEST_F(key_ledger_test, never_goes_below_zero) {
  rules({.limits = {.max_concurrent = 5, .rpm = {}, .tpm = {}},
         .budgets = {budget_of(budget_unit::tokens, "100")}});
  const auto made = *reserve();
  settle(made, 100);
  ledger.settle(made, {}, now);
  ledger.settle(77, {}, now);
  EXPECT_EQ(state().reserved, decimal{});
  EXPECT_EQ(to_text(state().spent), "100");
  EXPECT_EQ(ledger.in_flight(), 0u);
}

} // namespace
} // namespace axonhub::policy
