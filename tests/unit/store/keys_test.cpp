#include "store/keys.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace axonhub::store {
namespace {

TEST(keys, sort_as_their_times) {
  const std::int64_t times[] = {
      std::numeric_limits<std::int64_t>::min(), -256, -1, 0, 1, 255, 256, 1'795'344'960'000,
      std::numeric_limits<std::int64_t>::max()};
  for (std::size_t i = 1; i < std::size(times); ++i) {
    const auto earlier = from_unix_ms(times[i - 1]);
    const auto later = from_unix_ms(times[i]);
    EXPECT_LT(time_key(earlier), time_key(later)) << times[i];
    EXPECT_LT(numbered_time_key(earlier, 0xFFFFFFFF), numbered_time_key(later, 0)) << times[i];
    EXPECT_LT(named_time_key(earlier, "zz"), named_time_key(later, "")) << times[i];
  }
}

TEST(keys, of_one_time_sort_as_their_numbers) {
  const auto t = from_unix_ms(1);
  EXPECT_LT(numbered_time_key(t, 255), numbered_time_key(t, 256));
  EXPECT_LE(time_key(t), numbered_time_key(t, 0));
}

TEST(keys, give_back_what_they_were_made_of) {
  const auto numbered = parse_numbered_time_key(numbered_time_key(from_unix_ms(-5), 0xFFFFFFFF));
  ASSERT_TRUE(numbered);
  EXPECT_EQ(to_unix_ms(numbered->at), -5);
  EXPECT_EQ(numbered->number, 0xFFFFFFFF);
  const auto key = named_time_key(from_unix_ms(77), "tr_a");
  const auto named = parse_named_time_key(key);
  ASSERT_TRUE(named);
  EXPECT_EQ(to_unix_ms(named->at), 77);
  EXPECT_EQ(named->name, "tr_a");
}

TEST(keys, of_another_length_are_refused) {
  EXPECT_FALSE(parse_numbered_time_key(""));
  EXPECT_FALSE(parse_numbered_time_key(std::string(11, 'x')));
  EXPECT_FALSE(parse_numbered_time_key(std::string(13, 'x')));
  EXPECT_FALSE(parse_named_time_key(std::string(7, 'x')));
}

} // namespace
} // namespace axonhub::store
