#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

#include "base/text.hpp"
#include "llm/stream_meter.hpp"

#include <random>

namespace axonhub::llm {
namespace {

/// A stream of two texts around one with these bytes.
std::string text_stream(dialect from, const std::string& bytes) {
  auto stream = std::string{};
  for (const auto& text : {std::string{"a"}, bytes, std::string{"z"}}) {
    if (from == chat)
      stream += chunk(R"({"content":")" + text + "\"}");
    else if (from == responses)
      stream += event("response.output_text.delta", R"("output_index":0,"delta":")" + text + "\"");
    else
      stream += event("content_block_delta",
                      R"("index":0,"delta":{"type":"text_delta","text":")" + text + "\"}");
  }
  if (from == chat)
    return stream + chunk("{}", R"("stop")") + done;
  if (from == responses)
    return stream + event("response.completed", R"("response":{"id":"r"})");
  return event("message_start", R"("message":{"id":"m"})") +
         event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})") +
         stream + event("content_block_stop", R"("index":0)") +
         event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":{})") +
         event("message_stop");
}

TEST(stream_converter, replaces_and_counts_bytes_that_are_no_utf8) {
  const struct {
    std::string bytes, told;
    std::uint64_t count;
  } cases[] = {
      {"\xFF", "\uFFFD", 1},
      {"\xC3", "\uFFFD", 1},
      {"\xC3\xA9\xC3", "\u00E9\uFFFD", 1},
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD", 3},
      {"\xC0\xAF", "\uFFFD\uFFFD", 2},
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD", 4},
      {"\xF0\x9F\x8C\x8D", "\U0001F30D", 0},
  };
  for (const auto from : all_dialects)
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      for (const auto& [bytes, told, count] : cases) {
        auto converter = stream_converter{memory_of(to, from)};
        auto out = std::string{};
        event_splitter{}.feed(text_stream(from, bytes),
                              [&](std::string_view e) { converter.convert(e, out); });
        EXPECT_THAT(check_stream(to, out), IsEmpty()) << out;
        EXPECT_EQ(understand(to, out).text, "a" + told + "z");
        EXPECT_EQ(converter.mended().bytes, count);
        EXPECT_EQ(converter.mended().surrogates, 0u);
      }
    }
}

TEST(stream_converter, counts_halves_of_surrogate_pairs) {
  auto converter = stream_converter{memory_of(claude, chat)};
  auto out = std::string{};
  event_splitter{}.feed(text_stream(chat, R"(\ud83c \udf0d \ud83c\udf0d)"),
                        [&](std::string_view e) { converter.convert(e, out); });
  EXPECT_EQ(converter.mended().surrogates, 2u);
  EXPECT_EQ(converter.mended().bytes, 0u);
}

TEST(stream_converter, writes_utf8_whatever_bytes_come_and_wherever_they_are_cut) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  const auto pick = [&random](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
  };
  for (auto round = 0; round < 15; ++round)
    for (const auto& [name, from] : samples()) {
      auto stream = sample_stream(name);
      for (auto faults = 1 + pick(6); faults > 0; --faults)
        stream[pick(stream.size())] = static_cast<char>(0x80 + pick(0x80));
      for (const auto to : all_dialects) {
        if (to == from)
          continue;
        SCOPED_TRACE(name + " to " + std::string{to_text(to)} + ", seed " + std::to_string(seed));
        const auto whole = convert_stream(memory_of(to, from), stream);
        EXPECT_TRUE(is_valid_utf8(whole.stream));
        const auto cut = convert_stream(memory_of(to, from), stream, [&] { return 1 + pick(50); });
        EXPECT_EQ(cut.stream, whole.stream);
        EXPECT_EQ(cut.kinds, whole.kinds);
      }
    }
}

TEST(stream_meter, reads_around_bytes_that_are_no_utf8) {
  const auto stream = std::string{
      "data: {\"x\":\"\xC3\",\"model\":\"m\",\"choices\":[{\"delta\":"
      "{\"content\":\"\xFF\"},\"finish_reason\":\"stop\"}]}\n\n"};
  auto meter = stream_meter{chat};
  EXPECT_EQ(meter.observe(stream), event_kind::content);
  EXPECT_EQ(meter.stop_reason(), "stop");
  ASSERT_TRUE(meter.model_value());
  EXPECT_EQ(stream.substr(meter.model_value()->offset, meter.model_value()->size), "\"m\"");
  auto of_claude = stream_meter{claude};
  EXPECT_EQ(
      of_claude.observe(event("message_start", "\"message\":{\"id\":\"\xFF\",\"model\":\"m\"}")),
      event_kind::start);
}

} // namespace
} // namespace axonhub::llm
