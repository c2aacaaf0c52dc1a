// What is left of a stream that breaks a rule.
#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

namespace axonhub::llm {
namespace {

/// A call whose arguments go on behind a text: Anthropic's stream has no place for them any more.
std::string call_that_goes_on(const std::string& canary) {
  const auto call = [&](const std::string& fields) {
    return chunk(R"({"tool_calls":[{"index":0,)" + fields + "}]}");
  };
  const auto more = call(R"("function":{"arguments":")" + canary + R"("})");
  return chunk(R"({"reasoning_content":")" + canary + R"("})") +
         call(R"("id":")" + canary + R"(","function":{"name":")" + canary + R"("})") + more + more +
         chunk(R"({"content":")" + canary + R"("})") + more;
}

TEST(stream_converter, leaves_the_steps_that_led_to_a_breach) {
  auto converter = stream_converter{memory_of(claude, chat)};
  auto out = std::string{};
  event_splitter{}.feed(call_that_goes_on("x"), [&](std::string_view e) {
    EXPECT_EQ(converter.trail(), "");
    converter.convert(e, out);
  });
  EXPECT_EQ(converter.breach(), "A tool's arguments go on behind its end");
  EXPECT_EQ(converter.problem(), converter.breach());
  EXPECT_EQ(converter.trail(),
            "in start, out start, in grow thinking, out open thinking 0, out grow thinking 0, "
            "in open tool 0, out close thinking 0, out open tool 1, in grow tool 0 x2, "
            "out grow tool 1 x2, in grow text, out close tool 1, out open text 2, "
            "out grow text 2, in grow tool 0");
}

TEST(stream_converter, leaves_no_trail_where_no_rule_was_broken) {
  for (const auto& [name, from] : samples())
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      auto converter = stream_converter{memory_of(to, from)};
      auto out = std::string{};
      event_splitter{}.feed(sample_stream(name),
                            [&](std::string_view e) { converter.convert(e, out); });
      EXPECT_EQ(converter.breach(), "") << name;
      EXPECT_EQ(converter.trail(), "") << name;
    }
}

TEST(stream_converter, leaves_nothing_of_the_content_of_a_broken_stream) {
  constexpr auto canary = "canary-2f9c";
  auto converter = stream_converter{memory_of(claude, chat)};
  auto out = std::string{};
  event_splitter{}.feed(call_that_goes_on(canary),
                        [&](std::string_view e) { converter.convert(e, out); });
  EXPECT_THAT(out, testing::HasSubstr(canary)) << "the client had it before the breach";
  ASSERT_NE(converter.trail(), "");
  for (const auto left : {converter.trail(), converter.breach(), converter.problem()})
    EXPECT_THAT(std::string{left}, testing::Not(testing::HasSubstr("canary")));
}

TEST(stream_converter, fails_where_the_event_that_ends_a_stream_breaks_a_rule) {
  const auto stream = std::string{
      R"(data: {"type":"response.output_text.delta","output_index":0,"delta":"x"})"
      "\n\n"
      R"(data: {"type":"response.completed","response":{"status":"completed","output":[)"
      R"({"type":"message","content":[{"type":"output_text","text":"x"}]},)"
      R"({"type":"function_call","call_id":"1","arguments":"{}"}]}})"
      "\n\n"};
  for (const auto to : {claude, chat}) {
    auto converter = stream_converter{memory_of(to, responses)};
    auto out = std::string{};
    auto last = event_kind::other;
    event_splitter{}.feed(stream, [&](std::string_view e) { last = converter.convert(e, out); });
    EXPECT_EQ(last, event_kind::malformed);
    converter.fail(client_error::api_error, converter.problem(), out);
    EXPECT_THAT(out, testing::HasSubstr("without a name or an id"));
    EXPECT_THAT(check_stream(to, out), testing::IsEmpty()) << out;
  }
}

} // namespace
} // namespace axonhub::llm
