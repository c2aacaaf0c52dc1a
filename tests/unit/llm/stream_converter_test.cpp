#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

#include <algorithm>
#include <random>

namespace axonhub::llm {
namespace {

void expect_same_events(const std::string& produced, const std::string& expected) {
  const auto is = parse_stream(produced);
  const auto should_be = parse_stream(expected);
  for (std::size_t i = 0; i < std::min(is.size(), should_be.size()); ++i) {
    EXPECT_EQ(is[i].name, should_be[i].name) << i;
    ASSERT_EQ(is[i].data, should_be[i].data) << i;
  }
  EXPECT_EQ(is.size(), should_be.size());
}

TEST(stream_converter, produces_the_expected_stream_of_every_sample) {
  auto compared = 0;
  for (const auto& [name, from] : samples()) {
    for (const auto to : all_dialects) {
      const auto suffix = to == claude ? "anthropic" : to == chat ? "openai" : "responses";
      // Chat and Responses into each other: judged by their grammar and meaning below.
      if (to == from || (from != claude && to != claude) ||
          name == "anthropic-stream-odd-framing" || name == "anthropic-stream-server-tool" ||
          name == "openai-stream-n2" || name == "responses-stream-minimal-for-codex")
        continue;
      SCOPED_TRACE(name + " to " + suffix);
      const auto result = convert_stream(memory_of(to, from), sample_stream(name));
      expect_same_events(result.stream,
                         fixture("conversion/expected/" + name + ".to-" + suffix + ".sse"));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 25);
}

TEST(stream_converter, keeps_to_the_grammar_and_the_meaning_between_all_dialects) {
  for (const auto& [name, from] : samples()) {
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      SCOPED_TRACE(name + " to " + std::string{to_text(to)});
      const auto upstream = sample_stream(name);
      const auto result = convert_stream(memory_of(to, from), upstream);
      EXPECT_THAT(check_stream(to, result.stream), IsEmpty());
      EXPECT_EQ(result.problem, "");
    }
  }
}

TEST(stream_converter, converts_the_same_wherever_the_stream_is_cut) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  for (const auto& [name, from] : samples()) {
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      SCOPED_TRACE(name + " to " + std::string{to_text(to)} + ", seed " + std::to_string(seed));
      const auto memory = memory_of(to, from);
      const auto stream = sample_stream(name);
      const auto whole = convert_stream(memory, stream);
      EXPECT_EQ(convert_stream(memory, stream, [] { return 1; }).stream, whole.stream);
      for (auto round = 0; round < 10; ++round) {
        auto size = std::uniform_int_distribution<std::size_t>{1, 97};
        const auto cut = convert_stream(memory, stream, [&] { return size(random); });
        EXPECT_EQ(cut.stream, whole.stream);
        EXPECT_EQ(cut.kinds, whole.kinds);
        EXPECT_EQ(cut.tokens, whole.tokens);
      }
    }
  }
}

} // namespace
} // namespace axonhub::llm
