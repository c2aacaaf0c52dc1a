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

/// One block with these deltas, as an upstream tells it: a text, a thought, or a call of `f`.
std::string block_stream(dialect from, block_kind kind, const std::vector<std::string>& deltas,
                         bool is_custom = false) {
  const auto is_tool = kind == block_kind::tool;
  const auto is_text = kind == block_kind::text;
  auto stream = std::string{};
  if (from == chat) {
    if (is_tool)
      stream += chunk(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f"}}]})");
    for (const auto& d : deltas)
      stream +=
          chunk(is_tool   ? R"({"tool_calls":[{"index":0,"function":{"arguments":")" + d + "\"}}]}"
                : is_text ? R"({"content":")" + d + "\"}"
                          : R"({"reasoning_content":")" + d + "\"}");
    if (!is_tool && !is_text)
      stream += chunk(R"({"content":"t"})");
    return stream + chunk("{}", R"("stop")") + done;
  }
  if (from == responses) {
    const auto item = std::string{is_custom ? R"("item":{"type":"custom_tool_call")"
                                  : is_tool ? R"("item":{"type":"function_call")"
                                  : is_text ? R"("item":{"type":"message")"
                                            : R"("item":{"type":"reasoning")"} +
                      R"(,"id":"i","call_id":"c","name":"f"},"output_index":0)";
    stream += event("response.output_item.added", item);
    for (const auto& d : deltas)
      stream += event(is_custom ? "response.custom_tool_call_input.delta"
                      : is_tool ? "response.function_call_arguments.delta"
                      : is_text ? "response.output_text.delta"
                                : "response.reasoning_text.delta",
                      R"("output_index":0,"delta":")" + d + "\"");
    return stream + event("response.output_item.done", item) +
           event("response.completed", R"("response":{"id":"r"})");
  }
  stream +=
      event("message_start", R"("message":{"id":"m"})") +
      event("content_block_start", std::string{R"("index":0,"content_block":{"type":")"} +
                                       (is_tool   ? R"(tool_use","id":"c","name":"f","input":{}})"
                                        : is_text ? R"(text","text":""})"
                                                  : R"(thinking","thinking":""})"));
  for (const auto& d : deltas)
    stream += event("content_block_delta", std::string{R"("index":0,"delta":{")"} +
                                               (is_tool   ? "partial_json"
                                                : is_text ? "text"
                                                          : "thinking") +
                                               "\":\"" + d + "\"}");
  return stream + event("content_block_stop", R"("index":0)") +
         event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":{})") +
         event("message_stop");
}

TEST(stream_converter, joins_surrogate_pairs_that_two_deltas_split) {
  const struct {
    std::vector<std::string> deltas;
    std::string told;
    std::uint64_t replaced;
  } cases[] = {
      {{R"(ok \ud83d)", R"(\ude00!)"}, "ok \U0001F600!", 0},
      {{R"(\ud83d)", R"(\ude00)"}, "\U0001F600", 0},
      {{R"(a\ud83d)", R"(\ude00\ud83d)", R"(\ude00)"}, "a\U0001F600\U0001F600", 0},
      {{R"(a\ud83d)", "b"}, "a\uFFFDb", 1},
      {{R"(a\ud83d)"}, "a\uFFFD", 1},
      {{R"(\ude00b)"}, "\uFFFDb", 1},
      {{R"(\ud83d)", R"(\ud83d)", R"(\ude00x)"}, "\uFFFD\U0001F600x", 1},
      {{R"(\\ud83d)", "x"}, R"(\ud83dx)", 0},
      {{R"(\\\ud83d)", R"(\ude00)"}, "\\\U0001F600", 0},
  };
  for (const auto from : all_dialects)
    for (const auto to : all_dialects)
      for (const auto kind : {block_kind::text, block_kind::thinking, block_kind::tool})
        for (const auto& [deltas, told, replaced] : cases) {
          const auto is_tool = kind == block_kind::tool;
          if (to == from || (is_tool && told.find('\\') != std::string::npos))
            continue;
          auto parts = deltas;
          if (is_tool) { // the checker wants an object
            parts.insert(parts.begin(), R"({\"x\":\")");
            parts.emplace_back(R"(\"})");
          }
          SCOPED_TRACE(std::string{to_text(from)} + " to " + std::string{to_text(to)} + ", " +
                       std::string{to_text(kind)} + ": " + told);
          auto converter = stream_converter{memory_of(to, from)};
          auto out = std::string{};
          event_splitter{}.feed(block_stream(from, kind, parts),
                                [&](std::string_view e) { converter.convert(e, out); });
          EXPECT_THAT(check_stream(to, out), IsEmpty()) << out;
          const auto meaning = understand(to, out);
          if (is_tool) {
            EXPECT_EQ(meaning.calls, (calls{{"c", "f", R"({"x":")" + told + "\"}"}}));
          } else {
            EXPECT_EQ(kind == block_kind::text ? meaning.text : meaning.reasoning, told);
          }
          EXPECT_EQ(converter.mended().surrogates, replaced);
        }
}

TEST(stream_converter, joins_surrogate_pairs_of_custom_tools) {
  const struct {
    std::vector<std::string> deltas;
    std::string input;
  } cases[] = {
      {{R"(ok \ud83d)", R"(\ude00!)"}, "ok \U0001F600!"},
      {{R"(a\ud83d)", "b"}, "a\uFFFDb"},
      {{R"(a\ud83d)"}, "a\uFFFD"},
  };
  for (const auto to : {claude, chat})
    for (const auto& [deltas, input] : cases) {
      const auto stream = block_stream(responses, block_kind::tool, deltas, true);
      const auto meaning = meaning_of(responses, to, stream);
      ASSERT_EQ(meaning.calls.size(), 1u);
      EXPECT_EQ(nlohmann::json::parse(meaning.calls[0].arguments)["input"], input);
    }
}

TEST(stream_converter, keeps_half_a_pair_for_its_own_block) {
  const auto call = [](const std::string& index, const std::string& fields) {
    return chunk(R"({"tool_calls":[{"index":)" + index + "," + fields + "}]}");
  };
  const auto head = [](const std::string& id) {
    return R"("id":")" + id + R"(","function":{"name":"f"})";
  };
  const auto more = [](const std::string& text) {
    return R"("function":{"arguments":")" + text + "\"}";
  };
  const auto turns = call("0", head("a")) + call("1", head("b")) +
                     call("0", more(R"({\"x\":\"\ud83d)")) + call("1", more(R"({\"y\":\"\ud83d)")) +
                     call("0", more(R"(\ude00\"})")) + call("1", more(R"(\ude00\"})")) +
                     chunk("{}", R"("tool_calls")") + done;
  const auto texts = chunk(R"({"reasoning":"r\ud83d"})") + chunk(R"({"content":"\ude00t\ud83d"})") +
                     call("0", head("a")) + call("0", more("{}")) +
                     chunk(R"({"refusal":"\ude00"})") + chunk("{}", R"("stop")") + done;
  for (const auto to : {claude, responses}) {
    EXPECT_EQ(meaning_of(chat, to, turns).calls,
              (calls{{"a", "f", "{\"x\":\"\U0001F600\"}"}, {"b", "f", "{\"y\":\"\U0001F600\"}"}}));
    const auto meaning = meaning_of(chat, to, texts);
    EXPECT_EQ(meaning.reasoning, "r\uFFFD");
    EXPECT_TRUE(meaning.text.starts_with("\uFFFDt\uFFFD")) << meaning.text;
  }
}

TEST(stream_converter, mends_what_is_told_whole) {
  const auto call = chunk(R"({"tool_calls":[{"index":0,"id":"a\ud83d","function":{"name":"f",)"
                          R"("arguments":{"x":"\ud83d"}}}]})") +
                    chunk("{}", R"("tool_calls")") + done;
  EXPECT_EQ(meaning_of(chat, claude, call).calls, (calls{{"a\uFFFD", "f", R"({"x":"\ufffd"})"}}));
  const auto failed =
      convert_stream(memory_of(claude, chat), "data: {\"error\":{\"message\":\"m\\ud83d\"}}\n\n");
  EXPECT_EQ(failed.error.message, "m\uFFFD");
}

} // namespace
} // namespace axonhub::llm
