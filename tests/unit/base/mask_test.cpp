#include "base/mask.hpp"

#include <gtest/gtest.h>

namespace axonhub {
namespace {

TEST(masked, hides_the_secret_and_what_looks_like_one) {
  const auto key = secret{"my-own-secret"};
  EXPECT_EQ(masked("key my-own-secret and my-own-secret", key), "key *** and ***");
  EXPECT_EQ(masked("x sk-ant-REDACTED y", key), "x sk-*** y");
  EXPECT_EQ(masked("Bearer abcdefghijklmnop", key), "Bearer ***");
  EXPECT_EQ(masked("task-list sk-short", key), "task-list sk-short");
}

} // namespace
} // namespace axonhub
