#include "net/offload.hpp"

#include <gtest/gtest.h>

namespace axonhub::net {
namespace {

constexpr auto kib = std::size_t{1024};

TEST(long_work, is_what_takes_a_good_part_of_a_millisecond) {
  EXPECT_FALSE(is_long(128 * kib));
  EXPECT_TRUE(is_long(128 * kib + 1));
  EXPECT_FALSE(is_long(to_scan(200 * kib))) << "the size of a long conversation";
  EXPECT_FALSE(is_long(to_scan(1024 * kib)));
  EXPECT_TRUE(is_long(to_scan(10 * 1024 * kib)));
}

TEST(long_work, is_to_move_a_long_text_that_has_no_room) {
  auto text = std::string(2 * 1024 * kib, 'x');
  EXPECT_TRUE(moves_long(text, text.capacity() - text.size() + 1));
  EXPECT_FALSE(moves_long(text, text.capacity() - text.size()));
  EXPECT_FALSE(moves_long(std::string(100, 'x'), 1 << 20)) << "a short one moves fast";
}

} // namespace
} // namespace axonhub::net
