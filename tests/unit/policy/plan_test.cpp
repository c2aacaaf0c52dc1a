#include "policy/plan.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

decimal usd(std::string_view text) { return parse_decimal_text(text).value(); }

price row(std::string model, std::string channel, std::string_view input, std::string_view output) {
  auto made = price{};
  made.model = std::move(model);
  made.channel = {std::move(channel)};
  made.rates.input = usd(input);
  made.rates.output = usd(output);
  return made;
}

TEST(dearest_rates, are_the_highest_of_all_who_may_serve) {
  const auto plan = route_plan{
      .models = {"first", "second"},
      .candidates = {{{"a"}, "theirs-a", 0}, {{"b"}, "theirs-b", 0}, {{"c"}, "theirs-c", 1}}};
  auto rows = std::vector<price>{};
  const auto found = [&] {
    return dearest_rates(plan, price_book{{.rows = rows, .revision = 1}}, {}, 10);
  };
  EXPECT_FALSE(found());
  rows.push_back(row("theirs-b", "", "3", "15"));
  ASSERT_TRUE(found());
  EXPECT_EQ(to_text(found()->input), "3");
  rows.push_back(row("first", "a", "9", "10"));
  EXPECT_EQ(to_text(found()->input), "9") << "by channel and by the name that clients use";
  EXPECT_EQ(to_text(found()->output), "15");
  rows.push_back(row("second", "", "1", "75"));
  EXPECT_EQ(to_text(found()->output), "75") << "also where the chain goes on";
  rows.push_back(row("theirs-z", "", "1000", "1000"));
  EXPECT_EQ(to_text(found()->input), "9");
}

TEST(model_key, stands_for_the_first_name_whatever_follows) {
  const auto key = [](std::vector<std::string> models) {
    return model_key({.models = std::move(models), .candidates = {}});
  };
  EXPECT_EQ(key({"sonnet"}), key({"sonnet", "haiku"}));
  EXPECT_NE(key({"sonnet"}), key({"haiku"}));
  EXPECT_NE(key({}), 0u);
}

} // namespace
} // namespace axonhub::policy
