#include "policy/price.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

constexpr auto today = wall_time{std::chrono::hours{24 * 20'000}};

decimal usd(std::string_view text) { return parse_decimal_text(text).value(); }

token_prices rates(std::string_view input, std::string_view output, std::string_view read,
                   std::string_view write_5m, std::string_view write_1h) {
  return {usd(input), usd(output), usd(read), usd(write_5m), usd(write_1h)};
}

price row(std::string model, std::string_view input) {
  auto made = price{};
  made.model = std::move(model);
  made.rates = rates(input, input, input, input, input);
  return made;
}

// Bills worked out by hand.
TEST(cost, equals_the_golden_bills) {
  const auto sonnet = rates("3", "15", "0.3", "3.75", "6");
  const auto large = rates("6", "22.5", "0.6", "7.5", "12");
  const auto cheap = rates("0.28", "0.42", "0.028", "0.28", "0.28");
  const auto finest = rates("0.000001", "0.000001", "0.000001", "0.000001", "0.000001");
  const auto free = rates("0", "0", "0", "0", "0");
  const struct {
    std::string_view name;
    llm::usage tokens;
    token_prices prices;
    std::string_view expected;
  } bills[] = {
      {"nothing", {}, sonnet, "0"},
      {"one token in", {.input = 1}, sonnet, "0.000003"},
      {"one token out", {.output = 1}, sonnet, "0.000015"},
      {"one token read", {.cache_read = 1}, sonnet, "0.0000003"},
      {"one token written", {.cache_write = 1}, sonnet, "0.00000375"},
      {"a plain call", {.input = 1000, .output = 500}, sonnet, "0.0105"},
      {"a million each way", {.input = 1'000'000, .output = 1'000'000}, sonnet, "18"},
      {"reasoning is output", {.input = 10, .output = 300, .reasoning = 250}, sonnet, "0.00453"},
      {"a cached prompt", {.input = 12, .cache_read = 45'000, .output = 321}, sonnet, "0.018351"},
      {"a write of five minutes",
       {.input = 5, .cache_write = 20'000, .cache_write_5m = 20'000, .output = 10},
       sonnet,
       "0.075165"},
      {"a write of an hour",
       {.input = 5, .cache_write = 20'000, .cache_write_1h = 20'000, .output = 10},
       sonnet,
       "0.120165"},
      {"both",
       {.cache_write = 30'000, .cache_write_5m = 20'000, .cache_write_1h = 10'000},
       sonnet,
       "0.135"},
      {"no split: five minutes", {.cache_write = 30'000}, sonnet, "0.1125"},
      {"half a split: the rest for five minutes",
       {.cache_write = 30'000, .cache_write_1h = 10'000},
       sonnet,
       "0.135"},
      {"a split without its sum",
       {.cache_write = 0, .cache_write_5m = 20'000, .cache_write_1h = 10'000},
       sonnet,
       "0.135"},
      {"a split beyond its sum",
       {.cache_write = 5, .cache_write_5m = 10, .cache_write_1h = 10},
       sonnet,
       "0.0000975"},
      {"all classes",
       {.input = 123,
        .cache_read = 45'678,
        .cache_write = 9'012,
        .cache_write_5m = 4'012,
        .cache_write_1h = 5'000,
        .output = 3'456,
        .reasoning = 3'000},
       sonnet,
       "0.1109574"},
      {"the same above the tier",
       {.input = 123,
        .cache_read = 245'678,
        .cache_write = 9'012,
        .cache_write_5m = 4'012,
        .cache_write_1h = 5'000,
        .output = 3'456},
       large,
       "0.3159948"},
      {"OpenAI: input without what was cached",
       {.input = 1'000, .cache_read = 9'000, .output = 700, .reasoning = 512},
       cheap,
       "0.000826"},
      {"the smallest price", {.input = 1}, finest, "0.000000000001"},
      {"many of them", {.input = 999'999'999'999}, finest, "0.999999999999"},
      {"nothing to pay", {.input = 1'000'000, .output = 5}, free, "0"},
      {"beyond any window", {.input = 2'000'000'000, .output = 3'000'000'000}, sonnet, "51000"},
  };
  for (const auto& [name, tokens, prices, expected] : bills)
    EXPECT_EQ(to_text(cost_of(tokens, prices).total()), expected) << name;
}

TEST(cost, is_told_by_class) {
  const auto made = cost_of({.input = 1'000'000,
                             .cache_read = 1'000'000,
                             .cache_write = 2'000'000,
                             .cache_write_5m = 1'000'000,
                             .cache_write_1h = 1'000'000,
                             .output = 1'000'000},
                            rates("3", "15", "0.3", "3.75", "6"));
  EXPECT_EQ(to_text(made.input), "3");
  EXPECT_EQ(to_text(made.cache_read), "0.3");
  EXPECT_EQ(to_text(made.cache_write_5m), "3.75");
  EXPECT_EQ(to_text(made.cache_write_1h), "6");
  EXPECT_EQ(to_text(made.output), "15");
}

class price_book_test : public testing::Test {
protected:
  std::string input_of(const std::string& model, std::uint64_t prompt = 10,
                       const channel_id& channel = {"ch_1"}, wall_time at = today) {
    const auto book = price_book{table};
    const auto found = book.find(model, channel, at, prompt);
    return found ? to_text(found.rates->input) : "none";
  }

  price& add(std::string model, std::string_view input) {
    return table.rows.emplace_back(row(std::move(model), input));
  }

  price_table table{.rows = {}, .revision = 7};
};

TEST_F(price_book_test, has_no_price_for_what_nobody_priced) {
  EXPECT_EQ(input_of("my-own-model"), "none");
  add("my-own-model", "1");
  EXPECT_EQ(input_of("my-own-model"), "1");
  EXPECT_EQ(input_of("my-own-model-2"), "none");
}

TEST_F(price_book_test, takes_the_operators_over_its_own) {
  EXPECT_EQ(input_of("claude-sonnet-5-5"), "3");
  EXPECT_EQ(input_of("claude-sonnet-5-5", 200'000), "3");
  EXPECT_EQ(input_of("claude-sonnet-5-5", 200'001), "6");
  add("claude-sonnet-5-5", "2");
  EXPECT_EQ(input_of("claude-sonnet-5-5"), "2");
  EXPECT_EQ(input_of("claude-sonnet-5-5", 200'001), "2") << "the default's tier, too";
  const auto book = price_book{table};
  EXPECT_EQ(*book.find("claude-sonnet-5-5", {}, today, 1).version, "prices-7");
  EXPECT_EQ(*book.find("claude-opus-5-5", {}, today, 1).version, default_prices_version());
}

TEST_F(price_book_test, prefers_channel_then_name_then_tier_then_time) {
  add("claude-.*", "1");
  EXPECT_EQ(input_of("claude-x"), "1");
  EXPECT_EQ(input_of("not-claude-x"), "none") << "patterns are anchored";
  add("claude-x", "2");
  EXPECT_EQ(input_of("claude-x"), "2");
  add("claude-x", "3").tier_above = 100;
  add("claude-x", "4").tier_above = 200;
  EXPECT_EQ(input_of("claude-x", 100), "2");
  EXPECT_EQ(input_of("claude-x", 101), "3");
  EXPECT_EQ(input_of("claude-x", 201), "4");
  add("claude-x", "5").effective_from = today + std::chrono::hours{1};
  EXPECT_EQ(input_of("claude-x"), "2");
  EXPECT_EQ(input_of("claude-x", 10, {"ch_1"}, today + std::chrono::hours{1}), "5");
  add("claude-.*", "6").channel = {"ch_1"};
  EXPECT_EQ(input_of("claude-x", 201), "6");
  EXPECT_EQ(input_of("claude-x", 201, {"ch_2"}), "4");
}

TEST(price, is_checked) {
  EXPECT_TRUE(check(row("m", "0")));
  EXPECT_TRUE(check(row("m", "1000000")));
  EXPECT_TRUE(check(row("m", "0.000001")));
  EXPECT_FALSE(check(row("m", "0.0000001"))) << "no exact price per token";
  EXPECT_FALSE(check(row("m", "1000000.5")));
  EXPECT_FALSE(check(row("", "1")));
  EXPECT_FALSE(check(row("(", "1")));
  for (const auto& d : default_prices())
    EXPECT_TRUE(check(d)) << d.model;
}

TEST(cost_of_leaving, is_what_the_cached_prompt_costs_there_more_than_here) {
  const auto here = rates("3", "15", "0.3", "3.75", "6");
  const auto cheap = rates("0.1", "1", "0.01", "0.1", "0.1");
  EXPECT_EQ(to_text(cost_of_leaving(100'000, here, here)), "0.345");
  EXPECT_EQ(to_text(cost_of_leaving(0, here, here)), "0");
  EXPECT_EQ(to_text(cost_of_leaving(100'000, here, cheap)), "0") << "a gain is no price";
}

} // namespace
} // namespace axonhub::policy
