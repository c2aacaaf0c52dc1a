#include "policy/decimal.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

TEST(decimal, reads_and_writes_exact_texts) {
  struct {
    std::string_view given;
    std::optional<std::string> expected; ///< Unset: refused.
  } cases[] = {
      {"0", "0"},
      {"5", "5"},
      {"007", "7"},
      {"12.50", "12.5"},
      {"0.1", "0.1"},
      {"0.000000000001", "0.000000000001"},
      {"999999999999.999999999999", "999999999999.999999999999"},
      {"100", "100"},
      {"1000000", "1000000"},
      {"", {}},
      {".5", {}},
      {"5.", {}},
      {"-1", {}},
      {"+1", {}},
      {"1e3", {}},
      {"1,5", {}},
      {" 1", {}},
      {"1.2.3", {}},
      {"nan", {}},
      {"0.0000000000001", {}},
      {"1000000000000", {}},
  };
  for (const auto& [given, expected] : cases) {
    const auto read = parse_decimal_text(given);
    EXPECT_EQ(read.has_value(), expected.has_value()) << given;
    if (read && expected) {
      EXPECT_EQ(to_text(*read), *expected);
    }
  }
}

TEST(decimal, can_be_held_to_fewer_places) {
  EXPECT_TRUE(parse_decimal_text("0.123456", 6));
  EXPECT_FALSE(parse_decimal_text("0.1234567", 6));
}

TEST(decimal, never_rounds_sums) {
  auto sum = decimal{};
  for (auto i = 0; i < 1'000'000; ++i)
    sum += *parse_decimal_text("0.1");
  EXPECT_EQ(to_text(sum), "100000");
  EXPECT_EQ(to_text(decimal{3} - *parse_decimal_text("0.000000000001")), "2.999999999999");
  EXPECT_EQ(to_text(decimal{} - decimal{2}), "-2");
  EXPECT_EQ(to_text(decimal{} - *parse_decimal_text("0.05")), "-0.05");
  EXPECT_EQ(at_least_zero(decimal{1} - decimal{2}), decimal{});
}

TEST(decimal, has_room_for_any_count_of_tokens) {
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(to_text(decimal{all}), "18446744073709551615");
  EXPECT_EQ(to_text(per_million(decimal{1'000'000}, all)), "18446744073709551615");
  EXPECT_EQ(to_text(per_million(*parse_decimal_text("0.000001"), 1)), "0.000000000001");
}

TEST(decimal, takes_shares) {
  const auto half = *parse_decimal_text("0.5");
  EXPECT_EQ(share_of(decimal{5}, half), *parse_decimal_text("2.5"));
  EXPECT_EQ(share_of(decimal{1'000'000'000'000}, decimal{1}), decimal{1'000'000'000'000});
}

} // namespace
} // namespace axonhub::policy
