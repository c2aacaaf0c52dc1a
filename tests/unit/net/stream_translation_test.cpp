#include "net/stream_translation.hpp"

#include <gtest/gtest.h>

#include "llm/sse.hpp"

namespace axonhub::net {
namespace {

using llm::dialect;
using llm::event_kind;

constexpr std::string_view chat =
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\","
    "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
    "\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n"
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\","
    "\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}}\n\n";

struct outcome {
  std::string shown;
  std::vector<event_kind> kinds;
  bool untouched = true;
};

outcome run(stream_translation& through, std::string_view text) {
  auto out = outcome{};
  auto splitter = llm::event_splitter{};
  splitter.feed(text, [&](std::string_view event) {
    const auto [kind, shown] = through.take(event);
    out.kinds.push_back(kind);
    out.shown += shown;
    out.untouched = out.untouched && shown.data() == event.data();
  });
  return out;
}

TEST(stream_translation, passes_the_very_bytes_of_the_same_dialect) {
  auto through = stream_translation{dialect::openai_chat, ""};
  const auto seen = run(through, chat);
  EXPECT_TRUE(seen.untouched);
  EXPECT_EQ(seen.shown, chat);
  EXPECT_EQ(seen.kinds[1], event_kind::content);
  EXPECT_EQ(through.seen().input, 7u);
  EXPECT_EQ(through.end().kind, event_kind::terminal) << "it had its finish reason";
}

TEST(stream_translation, names_the_model_as_the_client_does_in_every_event) {
  auto through = stream_translation{dialect::openai_chat, "mine"};
  const auto seen = run(through, chat);
  EXPECT_EQ(seen.shown.find("\"up\""), std::string::npos);
  auto count = 0;
  for (auto at = seen.shown.find("\"mine\""); at != std::string::npos;
       at = seen.shown.find("\"mine\"", at + 1))
    ++count;
  EXPECT_EQ(count, 3);
}

TEST(stream_translation, converts_what_comes_in_another_dialect) {
  auto memory = llm::conversion_memory{};
  memory.client = dialect::anthropic;
  memory.upstream = dialect::openai_chat;
  memory.client_model = "mine";
  memory.answer_id = "msg_1";
  auto through = stream_translation{std::move(memory)};
  const auto seen = run(through, chat);
  EXPECT_TRUE(seen.shown.starts_with("event: message_start\n")) << seen.shown;
  EXPECT_NE(seen.shown.find("\"text\":\"Hi\""), std::string::npos);
  const auto last = through.end();
  EXPECT_EQ(last.kind, event_kind::terminal);
  EXPECT_NE(std::string{last.shown}.find("event: message_stop\n"), std::string::npos);
  EXPECT_EQ(through.seen().output, 2u);
}

TEST(stream_translation, ends_a_broken_stream_in_the_clients_dialect) {
  auto same = stream_translation{dialect::anthropic, ""};
  EXPECT_TRUE(same.fail(llm::client_error::api_error, "cut", "r").starts_with("event: error\n"));
  EXPECT_EQ(same.end().kind, event_kind::malformed);
  auto memory = llm::conversion_memory{};
  memory.client = dialect::openai_responses;
  memory.upstream = dialect::openai_chat;
  memory.answer_id = "resp_1";
  auto converted = stream_translation{std::move(memory)};
  run(converted, chat.substr(0, chat.find("data:", 5)));
  const auto last = converted.fail(llm::client_error::api_error, "cut", "r");
  EXPECT_NE(last.find("event: response.failed\n"), std::string::npos);
}

TEST(stream_translation, tells_a_breach_only_of_what_it_converts) {
  auto same = stream_translation{dialect::openai_chat, ""};
  EXPECT_EQ(same.take("data: {\n\n").kind, event_kind::malformed);
  EXPECT_EQ(same.breach(), "");
  EXPECT_EQ(same.trail(), "");
  auto memory = llm::conversion_memory{};
  memory.client = dialect::anthropic;
  memory.upstream = dialect::openai_chat;
  auto converted = stream_translation{std::move(memory)};
  const auto last = run(converted,
                        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"\","
                        "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n"
                        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
                        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
                        "\"function\":{\"arguments\":\"{}\"}}]}}]}\n\n");
  EXPECT_EQ(last.kinds.back(), event_kind::malformed);
  EXPECT_NE(converted.breach(), "");
  EXPECT_TRUE(converted.trail().starts_with("in start, out start, in open tool 0, "))
      << converted.trail();
}

TEST(stream_translation, numbers_its_own_end_behind_all_that_the_upstream_has_numbered) {
  const auto event = [](const std::string& name, const std::string& fields) {
    return "event: " + name + "\ndata: {\"type\":\"" + name + "\"" + fields + "}\n\n";
  };
  const auto number = [](int n) { return ",\"sequence_number\":" + std::to_string(n); };
  const auto delta = std::string{"response.output_text.delta"};
  const struct {
    std::string stream;
    std::uint64_t next;
  } cases[] = {
      {"", 0},
      {event(delta, "") + event(delta, "") + ": ping\n\n", 2},
      {event(delta, number(0)) + event("keepalive", number(1)), 2},
      {event(delta, number(1)) + event(delta, number(2)), 3},
      {event(delta, number(0)) + event(delta, number(5)) + ": ping\n\n", 6},
      {event(delta, number(4)) + event(delta, ""), 6},
      {event(delta, number(4) + ",\"delta\":\"\\\"sequence_number\\\":9\""), 5},
  };
  for (const auto& [stream, next] : cases) {
    auto through = stream_translation{dialect::openai_responses, ""};
    run(through, stream);
    EXPECT_EQ(through.next_number(), next) << stream;
  }
}

} // namespace
} // namespace axonhub::net
