#include "policy/repair.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

TEST(is_repair, tells_what_makes_earlier_failures_meaningless) {
  const struct {
    std::string_view name;
    void (*change)(channel&);
    bool expected;
  } cases[] = {
      {"nothing", [](channel&) {}, false},
      {"its weight", [](channel& c) { c.weight = 7; }, false},
      {"its limits", [](channel& c) { c.limits.rate.rpm = 7; }, false},
      {"disabled", [](channel& c) { c.status = channel_status::disabled; }, false},
      {"its address", [](channel& c) { c.base_url = "https://other.example"; }, true},
      {"its type", [](channel& c) { c.type = "openai"; }, true},
      {"its models", [](channel& c) { c.supported_models.emplace_back("new"); }, true},
      {"a mapping",
       [](channel& c) {
         c.model_mappings.push_back({"a", "b"});
       },
       true},
      {"its authorities", [](channel& c) { c.ca_certificates = "PEM"; }, true},
  };
  for (const auto& [name, change, expected] : cases) {
    SCOPED_TRACE(name);
    auto before = channel{};
    before.status = channel_status::enabled;
    auto after = before;
    change(after);
    EXPECT_EQ(is_repair(before, after), expected);
  }
  auto off = channel{};
  auto on = off;
  on.status = channel_status::enabled;
  EXPECT_TRUE(is_repair(off, on));
}

} // namespace
} // namespace axonhub::policy
