#include "llm/stream_trail.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace axonhub::llm {
namespace {

using enum block_kind;
using enum stream_step;

TEST(stream_trail, tells_both_sides_in_their_order) {
  auto trail = stream_trail{};
  EXPECT_EQ(trail.to_text(), "");
  trail.heard(start);
  trail.wrote(start);
  trail.heard(grow, text);
  trail.wrote(open, text, 0);
  trail.wrote(grow, text, 0);
  trail.heard(open, tool, 3);
  trail.wrote(fail);
  EXPECT_EQ(trail.to_text(),
            "in start, out start, in grow text, out open text 0, out grow text 0, in open tool 3, "
            "out fail");
}

TEST(stream_trail, counts_what_repeats) {
  auto trail = stream_trail{};
  for (auto i = 0; i < 700; ++i) {
    trail.heard(grow, text);
    trail.wrote(grow, text, 1);
  }
  trail.wrote(close, text, 1);
  for (auto i = 0; i < 3; ++i)
    trail.heard(grow, thinking);
  EXPECT_EQ(trail.to_text(),
            "in grow text x700, out grow text 1 x700, out close text 1, in grow thinking x3");
}

TEST(stream_trail, keeps_the_latest_steps_alone) {
  auto trail = stream_trail{};
  for (auto i = std::size_t{0}; i < 1000; ++i)
    trail.wrote(open, tool, i);
  const auto text = trail.to_text();
  EXPECT_EQ(std::ranges::count(text, ','), stream_trail::most_steps - 1);
  EXPECT_TRUE(text.starts_with("out open tool 968, ")) << text;
  EXPECT_TRUE(text.ends_with(", out open tool 999")) << text;
}

TEST(stream_trail, has_a_largest_number) {
  auto trail = stream_trail{};
  trail.wrote(grow, tool, 65'000);
  trail.wrote(grow, tool, std::size_t{1} << 40);
  EXPECT_EQ(trail.to_text(), "out grow tool 65000, out grow tool 65534");
}

TEST(stream_trail, has_a_word_for_every_step_and_kind) {
  auto trail = stream_trail{};
  for (const auto step : {start, open, grow, close, seal, end, fail})
    trail.heard(step);
  for (const auto kind : {thinking, redacted, text, refusal, tool})
    trail.heard(open, kind);
  EXPECT_EQ(trail.to_text(),
            "in start, in open, in grow, in close, in seal, in end, in fail, in open thinking, in "
            "open redacted, in open text, in open refusal, in open tool");
}

} // namespace
} // namespace axonhub::llm
