#include "llm/stream_grammar.hpp"

#include "tests/unit/llm/stream_checker.hpp"

#include <gmock/gmock.h>

namespace axonhub::llm {
namespace {

using enum block_kind;
using order = stream_grammar::order;

/// The steps of a stream in one line: S start, E end, F fail, and for blocks 0 to 9 "o0" open, "g0"
/// grow, "c0" close as text, capitals as a tool; "t" text without a number.
std::string_view judge(order blocks, std::string_view steps) {
  auto g = stream_grammar{blocks};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto step = steps[i];
    if (step == 'S')
      g.start();
    else if (step == 'E')
      g.end();
    else if (step == 'F')
      g.fail();
    else if (step == 't')
      g.grow_unnumbered(text);
    if (std::string_view{"ogcOGC"}.find(step) == std::string_view::npos)
      continue;
    const auto kind = step >= 'a' ? text : tool;
    const auto index = static_cast<std::size_t>(steps[++i] - '0');
    if (step == 'o' || step == 'O')
      g.open(kind, index);
    else if (step == 'g' || step == 'G')
      g.grow(kind, index);
    else
      g.close(kind, index);
  }
  return g.breach();
}

TEST(stream_grammar, allows_proper_streams) {
  for (const auto* const steps : {"SE", "So0g0g0c0O1C1E", "So0F", "F", "SF"})
    EXPECT_EQ(judge(order::sequential, steps), "") << steps;
  for (const auto* const steps : {"StE", "SO0O1G0G1G0tE", "StO0G0F"})
    EXPECT_EQ(judge(order::interleaved, steps), "") << steps;
}

TEST(stream_grammar, sees_every_breach) {
  for (const auto* const steps :
       {"SS", "E", "o0", "So1", "So0o1", "So0c0o0", "Sg0", "So0G0", "So0g1", "So0c0g0", "So0C0",
        "Sc0", "So0E", "SEE", "SEo0", "SEF", "SFE", "SFF"})
    EXPECT_NE(judge(order::sequential, steps), "") << steps;
  for (const auto* const steps : {"t", "SG0", "SO1", "SO0O0", "SEt", "SO0G1", "SEG0"})
    EXPECT_NE(judge(order::interleaved, steps), "") << steps;
}

TEST(stream_grammar, keeps_the_first_breach) {
  EXPECT_EQ(judge(order::sequential,
                  "SSE"
                  "E"),
            "A stream starts once");
}

// The checker that all tests use must be able to fail.
TEST(check_stream, sees_planted_faults) {
  const auto start = std::string{
      R"(event: message_start
data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}}}

)"};
  const auto end = std::string{
      R"(event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}}

event: message_stop
data: {"type":"message_stop"}

)"};
  const auto block = [](int index, const std::string& type) {
    return "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":" +
           std::to_string(index) + ",\"content_block\":{\"type\":\"" + type + "\"}}\n\n";
  };
  const auto delta = [](int index, const std::string& type) {
    return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" +
           std::to_string(index) + ",\"delta\":{\"type\":\"" + type + "\"}}\n\n";
  };
  const auto stop = [](int index) {
    return "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":" +
           std::to_string(index) + "}\n\n";
  };
  const auto text = block(0, "text") + delta(0, "text_delta") + stop(0);
  EXPECT_THAT(check_stream(dialect::anthropic, start + text + end), testing::IsEmpty());
  for (const auto& stream : {text + end, start + text, start + start + text + end,
                             start + block(1, "text") + stop(1) + end,
                             start + block(0, "text") + delta(0, "thinking_delta") + stop(0) + end,
                             start + block(0, "text") + end, start + text + end + text,
                             start + block(0, "text") + block(1, "text") + stop(0) + stop(1) + end,
                             start + std::string{"event: message_stop\ndata: {oops\n\n"}})
    EXPECT_THAT(check_stream(dialect::anthropic, stream), testing::Not(testing::IsEmpty()))
        << stream;
  for (const auto* const stream :
       {"data: [DONE]\n\n", "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", ""})
    EXPECT_THAT(check_stream(dialect::openai_chat, stream), testing::Not(testing::IsEmpty()));
  for (const auto* const stream :
       {"", "event: response.completed\ndata: {\"type\":\"response.completed\"}\n\n"})
    EXPECT_THAT(check_stream(dialect::openai_responses, stream), testing::Not(testing::IsEmpty()));
}

} // namespace
} // namespace axonhub::llm
