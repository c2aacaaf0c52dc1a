#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

namespace axonhub::llm {
namespace {

TEST(stream_converter, refuses_a_call_without_a_name) {
  const auto call = [](const std::string& name) {
    return event("message_start", R"("message":{"id":"m"})") +
           event("content_block_start",
                 R"("index":0,"content_block":{"type":"tool_use","id":"a","name":")" + name +
                     R"("})");
  };
  const auto item = event("response.output_item.added",
                          R"("output_index":0,"item":{"type":"function_call","call_id":"c"})");
  const auto nameless =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]})") + done;
  for (const auto to : {chat, responses}) {
    EXPECT_EQ(convert_stream(memory_of(to, claude), call("")).kinds.back(), event_kind::malformed);
    EXPECT_EQ(convert_stream(memory_of(to, claude), call("f")).kinds[1], event_kind::content);
  }
  EXPECT_EQ(convert_stream(memory_of(claude, responses), item).kinds.back(), event_kind::malformed);
  EXPECT_EQ(convert_stream(memory_of(claude, chat), nameless).kinds.back(), event_kind::malformed);
}

TEST(stream_converter, restores_the_names_of_tools) {
  const auto stream = chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"short_1",)"
                            R"("arguments":"{\"input\":\"*** \\\"x\\\"\\n\"}"}}]})") +
                      chunk("{}", R"("tool_calls")") + done;
  auto memory = memory_of(claude, chat);
  const auto long_name = std::string(70, 'n');
  memory.tools["short_1"] = {.name = long_name, .name_space = {}};
  EXPECT_EQ(understand(claude, convert_stream(memory, stream).stream).calls[0].name, long_name);

  memory = memory_of(responses, chat);
  memory.tools["short_1"] = {.name = "tool", .name_space = "files"};
  auto result = convert_stream(memory, stream);
  EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
  auto item = parse_stream(result.stream).back().data["response"]["output"][0];
  EXPECT_EQ(item["name"], "tool");
  EXPECT_EQ(item["namespace"], "files");

  memory.tools["short_1"] = {.name = "apply_patch", .name_space = {}, .is_custom = true};
  result = convert_stream(memory, stream);
  EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
  item = parse_stream(result.stream).back().data["response"]["output"][0];
  EXPECT_EQ(item["type"], "custom_tool_call");
  EXPECT_EQ(item["input"], "*** \"x\"\n");
}

TEST(stream_converter, replaces_halves_of_surrogate_pairs) {
  const auto stream = chunk(R"({"content":"\ud83c"})") + chunk(R"({"content":"\udf0d \ud800"})") +
                      chunk("{}", R"("stop")") + done;
  const auto result = convert_stream(memory_of(claude, chat), stream);
  EXPECT_THAT(result.stream, testing::HasSubstr(R"("text":"\ud83c\udf0d "})"));
  EXPECT_THAT(result.stream, testing::HasSubstr(R"("text":"\ufffd"})"));
}

TEST(stream_converter, packs_a_claude_signature_for_responses_only_when_asked) {
  auto memory = memory_of(responses, claude);
  memory.encrypted_reasoning = false;
  const auto result = convert_stream(memory, sample_stream("anthropic-stream-thinking-omitted"));
  EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
  EXPECT_EQ(result.stream.find("encrypted_content"), std::string::npos);
}

TEST(stream_converter, separates_the_parts_of_a_summary) {
  const auto delta = [](const std::string& index, const std::string& text) {
    return event("response.reasoning_summary_text.delta",
                 R"("output_index":0,"summary_index":)" + index + R"(,"delta":")" + text + "\"");
  };
  const auto stream =
      event("response.output_item.added",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]})") +
      delta("0", "one") + delta("1", "two") +
      event("response.output_item.done",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]})") +
      event("response.completed", R"("response":{"id":"r"})");
  EXPECT_EQ(meaning_of(responses, claude, stream).reasoning, "one\n\ntwo");
}

TEST(stream_converter, takes_what_is_told_at_an_items_end_alone) {
  const auto stream =
      event("response.output_item.added",
            R"("output_index":0,"item":{"type":"function_call","call_id":"c","name":"f"})") +
      event("response.function_call_arguments.done",
            R"("output_index":0,"item_id":"other","arguments":"{\"a\":1}")") +
      event("response.output_item.done", R"("output_index":0,"item":{"type":"function_call",)"
                                         R"("call_id":"c","name":"f","arguments":"{\"a\":1}"})") +
      event("response.output_item.done",
            R"("output_index":1,"item":{"type":"function_call","call_id":"d","name":"g",)"
            R"("arguments":"{\"b\":2}"})") +
      event("response.done", R"("response":{"id":"r"})");
  for (const auto to : {claude, chat})
    EXPECT_EQ(meaning_of(responses, to, stream).calls,
              (calls{{"c", "f", R"({"a":1})"}, {"d", "g", R"({"b":2})"}}));
  const auto minimal = sample_stream("responses-stream-minimal-for-codex");
  EXPECT_EQ(meaning_of(responses, claude, minimal).text, "ok");
  EXPECT_EQ(meaning_of(responses, chat,
                       event("response.completed",
                             R"("response":{"id":"r","output":[{"type":"message","content":[)"
                             R"({"type":"output_text","text":"all"}]}]})"))
                .text,
            "all");
}

} // namespace
} // namespace axonhub::llm
