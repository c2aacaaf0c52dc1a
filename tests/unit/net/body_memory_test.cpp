#include "net/body_memory.hpp"

#include <gtest/gtest.h>

namespace axonhub::net {
namespace {

TEST(body_ticket, grows_until_the_memory_is_full) {
  auto used = std::atomic<std::uint64_t>{0};
  auto one = body_ticket{};
  {
    auto other = body_ticket{};
    EXPECT_TRUE(other.take(used, 60, 100));
    EXPECT_TRUE(one.take(used, 0, 100));
    EXPECT_TRUE(one.grow_to(used, 10, 100));
    EXPECT_TRUE(one.grow_to(used, 40, 100));
    EXPECT_EQ(used, 100u);
    EXPECT_FALSE(one.grow_to(used, 41, 100));
    EXPECT_EQ(used, 100u) << "a refusal changes nothing";
  }
  EXPECT_TRUE(one.grow_to(used, 41, 100));
  EXPECT_EQ(used, 41u);
  one.give_back();
  EXPECT_EQ(used, 0u);
  EXPECT_TRUE(one.grow_to(used, 5, 100)) << "it may be used again";
  EXPECT_EQ(used, 5u);
}

} // namespace
} // namespace axonhub::net
