#include "config/machine.hpp"

#include <gtest/gtest.h>

namespace axonhub::config {
namespace {

TEST(cpu_limit, is_quota_by_period_rounded_up) {
  EXPECT_EQ(parse_cpu_limit("max 100000"), std::nullopt);
  EXPECT_EQ(parse_cpu_limit("200000 100000"), 2u);
  EXPECT_EQ(parse_cpu_limit("150000 100000"), 2u);
  EXPECT_EQ(parse_cpu_limit("1000 100000"), 1u);
  EXPECT_EQ(parse_cpu_limit("1000 0"), std::nullopt);
  EXPECT_EQ(parse_cpu_limit(""), std::nullopt);
}

TEST(memory_limit, is_bytes_or_none) {
  EXPECT_EQ(parse_memory_limit("536870912"), 512ull << 20);
  EXPECT_EQ(parse_memory_limit("max"), std::nullopt);
  EXPECT_EQ(parse_memory_limit(""), std::nullopt);
}

TEST(this_machine, has_cores_and_memory) {
  EXPECT_GE(this_machine().cores, 1u);
  EXPECT_GE(this_machine().memory, 16ull << 20);
}

} // namespace
} // namespace axonhub::config
