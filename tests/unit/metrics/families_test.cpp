#include "metrics/families.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace axonhub::metrics {
namespace {

bool is_snake_case(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && !name.ends_with('_') &&
         name.find("__") == std::string_view::npos && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

TEST(families, are_named_as_prometheus_wants_it) {
  auto names = std::set<std::string_view>{};
  for (const auto* f : families()) {
    SCOPED_TRACE(f->name);
    EXPECT_TRUE(is_snake_case(f->name));
    EXPECT_TRUE(f->name.starts_with("axonhub_"));
    EXPECT_EQ(f->name.ends_with("_total"), f->type == kind::counter);
    if (f->type == kind::histogram) {
      EXPECT_TRUE(f->name.ends_with("_seconds"));
    }
    EXPECT_TRUE(names.insert(f->name).second) << "twice in the list";
  }
}

TEST(families, tell_operators_what_they_are) {
  for (const auto* f : families()) {
    SCOPED_TRACE(f->name);
    EXPECT_TRUE(f->help.ends_with('.'));
    EXPECT_GT(f->help.size(), 20u);
  }
}

TEST(families, have_proper_labels_and_buckets) {
  for (const auto* f : families()) {
    SCOPED_TRACE(f->name);
    auto seen = std::set<std::string_view>{"le"}; // prometheus' own
    for (auto i = std::size_t{0}; i < f->labels.size(); ++i) {
      EXPECT_EQ(f->labels[i].empty(), i >= f->label_count()) << "unused ones stand last";
      if (i < f->label_count()) {
        EXPECT_TRUE(is_snake_case(f->labels[i]));
        EXPECT_TRUE(seen.insert(f->labels[i]).second);
      }
    }
    EXPECT_EQ(f->buckets.empty(), f->type != kind::histogram);
    EXPECT_TRUE(std::ranges::is_sorted(f->buckets, std::ranges::less_equal{}));
  }
}

TEST(families, stay_below_20000_lines_whatever_happens) {
  auto lines = std::size_t{0};
  for (const auto* f : families()) {
    const auto each = f->type == kind::histogram ? f->buckets.size() + 3 : 1; // +Inf, sum, count
    lines += 2 + (f->max_series() + 1) * each;                                // help, type; other
  }
  EXPECT_LE(lines, 20'000u);
}

} // namespace
} // namespace axonhub::metrics
