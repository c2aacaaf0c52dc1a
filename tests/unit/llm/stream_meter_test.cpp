#include "llm/stream_meter.hpp"

#include "llm/sse.hpp"
#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace axonhub::llm {
namespace {

using enum event_kind;
using kinds = std::vector<event_kind>;

constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;

/// All that is learnt from one stream.
struct reading {
  kinds seen; // without `other`, repeated content once
  usage tokens;
  upstream_error error;
  std::string id, model, stop_reason, models;
  bool may_end = false;

  friend bool operator==(const reading&, const reading&) = default;
};

template <class NextSize>
reading read(dialect d, std::string_view stream, NextSize next_size) {
  auto splitter = event_splitter{};
  auto meter = stream_meter{d};
  auto r = reading{};
  auto pending = std::string{};
  while (!stream.empty()) {
    const auto piece = stream.substr(0, next_size());
    stream.remove_prefix(piece.size());
    pending += piece;
    pending.erase(0, splitter.feed(pending, [&](std::string_view event) {
      const auto kind = meter.observe(event);
      if (kind != other && (kind != content || r.seen.empty() || r.seen.back() != content))
        r.seen.push_back(kind);
      if (const auto span = meter.model_value())
        r.models += event.substr(span->offset, span->size);
    }));
  }
  r.tokens = meter.seen();
  r.error = meter.error();
  r.id = meter.message_id();
  r.model = meter.model();
  r.stop_reason = meter.stop_reason();
  r.may_end = meter.may_end();
  return r;
}

reading read_sample(dialect d, const std::string& name) {
  const auto stream = fixture("conversion/" + name + ".sse");
  const auto whole = read(d, stream, [&] { return stream.size(); });
  auto random = std::mt19937{11};
  EXPECT_EQ(read(d, stream, [] { return 1; }), whole);
  for (auto round = 0; round < 20; ++round) {
    auto size = std::uniform_int_distribution<std::size_t>{1, 97};
    EXPECT_EQ(read(d, stream, [&] { return size(random); }), whole);
  }
  return whole;
}

TEST(stream_meter, reads_every_chat_stream) {
  const struct {
    std::string name;
    kinds seen;
    std::string_view stop_reason;
    usage tokens;
    int models;
  } cases[] = {
      {"text", {start, content, closing, terminal}, "stop", {21, 4096, 0, 0, 0, 17, 0, true}, 5},
      {"length", {start, content, closing, terminal}, "length", {12, 0, 0, 0, 0, 16, 0, true}, 4},
      {"tools",
       {start, content, closing, terminal},
       "tool_calls",
       {21, 4096, 0, 0, 0, 143, 60, true},
       12},
      {"tools-interleaved",
       {content, closing, terminal},
       "tool_calls",
       {10, 0, 0, 0, 0, 9, 0, true},
       5},
      {"tool-in-one-chunk", {content, terminal}, "tool_calls", {}, 1},
      {"reasoning-deepseek",
       {start, content, closing, terminal},
       "stop",
       {20, 10, 0, 0, 0, 20, 15, true},
       5},
      {"reasoning-openrouter",
       {content, closing, terminal},
       "stop",
       {30, 0, 0, 0, 0, 12, 0, true},
       6},
      {"refusal", {start, content, closing, terminal}, "stop", {12, 0, 0, 0, 0, 8, 0, true}, 5},
      {"n2", {start, content, closing, closing, terminal}, "stop", {5, 0, 0, 0, 0, 2, 0, true}, 7},
  };
  for (const auto& [name, seen, stop_reason, tokens, models] : cases) {
    SCOPED_TRACE(name);
    const auto r = read_sample(chat, "openai-stream-" + name);
    EXPECT_EQ(r.seen, seen);
    EXPECT_EQ(r.id, "chatcmpl-fx");
    EXPECT_EQ(r.model, "gpt-x");
    EXPECT_EQ(r.stop_reason, stop_reason);
    EXPECT_EQ(r.tokens, tokens);
    EXPECT_TRUE(r.may_end);
    auto expected = std::string{};
    for (auto i = 0; i < models; ++i)
      expected += "\"gpt-x\"";
    EXPECT_EQ(r.models, expected);
  }
}

TEST(stream_meter, tells_a_chat_streams_error) {
  const auto r = read_sample(chat, "openai-stream-error-midway");
  EXPECT_EQ(r.seen, (kinds{start, content, event_kind::error}));
  EXPECT_EQ(r.error, (upstream_error{"server_error", "The server had an error (fixture)", ""}));
  EXPECT_FALSE(r.may_end);
}

TEST(stream_meter, reads_every_responses_stream) {
  const struct {
    std::string name;
    kinds seen;
    std::string_view stop_reason;
  } cases[] = {
      {"text", {start, start, content, terminal}, "completed"},
      {"tools", {start, start, content, terminal}, "completed"},
      {"custom-tool", {start, start, content, terminal}, "completed"},
      {"incomplete", {start, start, content, terminal}, "max_output_tokens"},
  };
  for (const auto& [name, seen, stop_reason] : cases) {
    SCOPED_TRACE(name);
    const auto r = read_sample(responses, "responses-stream-" + name);
    EXPECT_EQ(r.seen, seen);
    EXPECT_EQ(r.id, "resp_fx");
    EXPECT_EQ(r.model, "gpt-x");
    EXPECT_EQ(r.models, "\"gpt-x\"\"gpt-x\"\"gpt-x\"");
    EXPECT_EQ(r.stop_reason, stop_reason);
    EXPECT_EQ(r.tokens, (usage{21, 4096, 0, 0, 0, 143, 60, true}));
    EXPECT_FALSE(r.may_end);
  }
  const auto minimal = read_sample(responses, "responses-stream-minimal-for-codex");
  EXPECT_EQ(minimal.seen, (kinds{content, terminal}));
  EXPECT_EQ(minimal.id, "resp_min");
  EXPECT_EQ(minimal.tokens.output, 143u);
}

TEST(stream_meter, tells_a_responses_streams_error) {
  auto r = read_sample(responses, "responses-stream-failed");
  EXPECT_EQ(r.seen, (kinds{start, start, event_kind::error}));
  EXPECT_EQ(r.error, (upstream_error{"", "Rate limit reached. Please try again in 1.2s.",
                                     "rate_limit_exceeded"}));
  r = read_sample(responses, "responses-stream-error-event");
  EXPECT_EQ(r.seen, (kinds{start, start, event_kind::error}));
  EXPECT_EQ(r.error, (upstream_error{"", "boom (fixture)", "server_error"}));
}

TEST(stream_meter, knows_an_error_that_a_failed_response_should_follow) {
  auto meter = stream_meter{responses};
  EXPECT_FALSE(meter.may_fail_yet());
  const auto told = std::string{R"({"type":"error","code":"slow_down","message":"m"})"};
  for (const auto& e : {"event: error\ndata: " + told + "\n\n", "data: " + told + "\n\n"}) {
    EXPECT_EQ(meter.observe(e), event_kind::error);
    EXPECT_TRUE(meter.may_fail_yet());
  }
  EXPECT_EQ(meter.observe("event: response.failed\ndata: {\"response\":{\"error\":null}}\n\n"),
            event_kind::error);
  EXPECT_FALSE(meter.may_fail_yet());
  EXPECT_EQ(meter.error(), (upstream_error{"", "m", "slow_down"})) << "nothing better was said";
  auto of_claude = stream_meter{dialect::anthropic};
  of_claude.observe("event: error\ndata: {}\n\n");
  EXPECT_FALSE(of_claude.may_fail_yet());
}

TEST(stream_meter, knows_what_one_event_means) {
  const auto choice = [](const std::string& inside) {
    return "data: {\"choices\":[{\"index\":0," + inside + "}]}\n\n";
  };
  const struct {
    dialect speaks;
    std::string event;
    event_kind expected;
  } cases[] = {
      {chat, choice(R"("delta":{"role":"assistant","content":""},"finish_reason":null)"), start},
      {chat, choice(R"("delta":{"content":null,"tool_calls":[]})"), start},
      {chat, choice(R"("delta":{"tool_calls":[],"content":"x"})"), content},
      {chat, choice(R"("delta":{"tool_calls":null,"refusal":"x"})"), content},
      {chat, choice(R"("delta":{"tool_calls":[{"index":0}],"role":"assistant"})"), content},
      {chat, choice(R"("delta":{"reasoning":"x"})"), content},
      {chat, choice(R"("finish_reason":"stop","delta":{})"), closing},
      {chat, choice(R"("finish_reason":"","delta":{})"), start},
      {chat, choice(R"("finish_reason":"stop","delta":{"content":"x"})"), content},
      {chat, "data: {\"choices\":[]}\n\n", other},
      {chat, "data: {\"error\":null,\"choices\":null}\n\n", other},
      {chat, "data: {\"error\":\"boom\"}\n\n", event_kind::error},
      {chat, "data: {\"error\":{\"code\":500}}\n\n", event_kind::error},
      {chat, "data: {\"error\":{\"x\":null}}\n\n", event_kind::error},
      {chat, "data: {\"error\":true}\n\n", event_kind::error},
      {chat, "data: {\"error\":\"\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", content},
      {chat, "data: {\"error\":false,\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", content},
      {chat, "data: {\"error\":{ },\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", content},
      {chat, "data: {\"error\":[],\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", content},
      {chat, "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"error\":0}\n\n", content},
      {chat, "data:[DONE]\n\n", terminal},
      {chat, "data: nonsense\n\n", malformed},
      {chat, "data: {\"choices\":[{]}\n\n", malformed},
      {chat, ": comment\n\n", other},
      {chat, "", other},
      {responses, "event: keepalive\ndata: {}\n\n", other},
      {responses, "event: response.output_text.delta\ndata: not read\n\n", content},
      {responses, "event: response.output_item.added\ndata: {}\n\n", content},
      {responses, "data: {\"type\":\"response.output_item.done\"}\n\n", content},
      {responses, "data: {\"type\":\"response.done\",\"response\":{}}\n\n", terminal},
      {responses, "event: response.created\ndata: x\n\n", malformed},
      {responses, "event: response.completed\n\n", malformed},
      {responses, "data: [DONE]\n\n", other},
      {responses, ": comment\n\n", other},
      {dialect::anthropic, "event: content_block_start\ndata: {}\n\n", content},
  };
  for (const auto& [speaks, event, expected] : cases)
    EXPECT_EQ(stream_meter{speaks}.observe(event), expected) << event;
}

TEST(stream_meter, takes_a_finish_that_is_a_breakdown_for_an_error) {
  for (const auto* const reason : {"error", "network_error", "insufficient_system_resource"}) {
    auto meter = stream_meter{chat};
    EXPECT_EQ(meter.observe("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"" +
                            std::string{reason} + "\"}]}\n\n"),
              event_kind::error);
    EXPECT_EQ(meter.error().message, "The upstream gave up");
    EXPECT_TRUE(meter.may_fail_yet()) << "no client knows that word";
    EXPECT_FALSE(meter.may_end());
  }
  auto meter = stream_meter{chat};
  EXPECT_EQ(meter.observe("data: {\"error\":{\"message\":\"m\"},\"choices\":[{\"delta\":{},"
                          "\"finish_reason\":\"error\"}]}\n\n"),
            event_kind::error);
  EXPECT_EQ(meter.error().message, "m");
  EXPECT_FALSE(meter.may_fail_yet());
}

TEST(stream_meter, takes_the_old_and_the_odd_forms_of_chat) {
  const auto of = [](const std::string& data) {
    return stream_meter{chat}.observe("data: " + data + "\n\n");
  };
  const auto delta = [&of](const std::string& d) {
    return of(R"({"choices":[{"delta":)" + d + "}]}");
  };
  EXPECT_EQ(delta(R"({"audio":{"id":"a","transcript":"hi"}})"), content);
  EXPECT_EQ(delta(R"({"function_call":{"name":"f"}})"), content);
  EXPECT_EQ(delta(R"({"content":[{"type":"text","text":"a"}]})"), content);
  EXPECT_EQ(delta(R"({"role":"assistant","content":"","audio":{},"tool_calls":[],"x":null})"),
            start);
  EXPECT_EQ(of("[DONE] \t"), terminal);
  EXPECT_EQ(of(R"({"object":"error","message":"boom","code":400})"), error);
  const auto r = read(
      chat,
      R"(data: {"choices":[{"delta":{"content":"t"},"finish_reason":"length","usage":{"prompt_tokens":5,"completion_tokens":7}}]})"
      "\n\n"
      R"(data: {"choices":[{"delta":{},"finish_reason":"stop"}]})"
      "\n\n",
      [] { return 1000; });
  EXPECT_EQ(r.stop_reason, "length");
  EXPECT_EQ(r.tokens.output, 7u);
}

TEST(stream_meter, reads_what_groq_tells_in_a_field_of_its_own) {
  auto meter = stream_meter{chat};
  EXPECT_EQ(meter.observe(
                "data: {\"choices\":[{\"delta\":{\"content\":\"t\"}}],\"x_groq\":"
                "{\"id\":\"req\",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}}\n\n"),
            content);
  EXPECT_EQ(meter.seen(), (usage{5, 0, 0, 0, 0, 7, 0, true}));
  EXPECT_EQ(meter.message_id(), "");
  EXPECT_EQ(meter.observe("data: {\"choices\":[{\"delta\":{}}],\"x_groq\":{\"id\":\"req\","
                          "\"error\":\"over capacity\"}}\n\n"),
            error);
  EXPECT_EQ(meter.error().message, "over capacity");
}

TEST(stream_meter, takes_an_event_that_is_called_error_for_one) {
  auto meter = stream_meter{chat};
  EXPECT_EQ(meter.observe("event: error\ndata: {\"code\":\"429\",\"message\":\"Slow down\"}\n\n"),
            error);
  EXPECT_EQ(meter.error(), (upstream_error{"", "Slow down", "429", 429}));
}

TEST(stream_meter, lets_a_stream_of_several_choices_end_behind_the_last_one) {
  const auto choice = [](int index, const std::string& finish) {
    return R"({"index":)" + std::to_string(index) + R"(,"delta":{"content":"t"},"finish_reason":)" +
           finish + "}";
  };
  const auto of = [](const std::string& choices) {
    return "data: {\"choices\":[" + choices + "]}\n\n";
  };
  auto meter = stream_meter{chat};
  const auto expect_end = [&](const std::string& event, bool may_end) {
    meter.observe(event);
    EXPECT_EQ(meter.may_end(), may_end) << event;
  };
  expect_end(of(choice(0, "null") + "," + choice(1, "\"\"")), false);
  expect_end(of(choice(0, "\"stop\"")), false);
  expect_end(of(choice(500, "null")), false);
  expect_end(of(choice(1, "\"stop\"")), false);
  expect_end(of(choice(500, "\"stop\"")), true);
  expect_end(of(""), true);
}

TEST(stream_meter, keeps_the_numbers_that_a_later_usage_leaves_out) {
  const struct {
    std::string name;
    std::vector<std::string> told;
    usage expected;
  } cases[] = {
      {"the output alone",
       {R"({"prompt_tokens":1000,"prompt_tokens_details":{"cached_tokens":900},"completion_tokens":1})",
        R"({"completion_tokens":50})"},
       {100, 900, 0, 0, 0, 50, 0, true}},
      {"null is nothing, zero is a number",
       {R"({"prompt_tokens":3,"completion_tokens":4})",
        R"({"prompt_tokens":null,"completion_tokens":0})"},
       {3, 0, 0, 0, 0, 0, 0, true}},
      {"the details first",
       {R"({"prompt_cache_hit_tokens":9,"completion_tokens_details":{"reasoning_tokens":2}})",
        R"({"prompt_tokens":10,"completion_tokens":5})"},
       {1, 9, 0, 0, 0, 5, 2, true}},
      {"more of the prompt",
       {R"({"prompt_tokens":5,"cached_tokens":9,"completion_tokens":1})",
        R"({"prompt_tokens":20,"prompt_tokens_details":{"cache_write_tokens":4}})"},
       {7, 9, 4, 0, 0, 1, 0, true}},
      {"no cache after all",
       {R"({"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens":1})",
        R"({"prompt_tokens_details":{"cached_tokens":0}})"},
       {5, 0, 0, 0, 0, 1, 0, true}},
      {"the larger of two names",
       {R"({"prompt_tokens":5,"prompt_tokens_details":{"cached_tokens":0},"cached_tokens":2,"completion_tokens":1})"},
       {3, 2, 0, 0, 0, 1, 0, true}},
  };
  for (const auto& [name, told, expected] : cases) {
    SCOPED_TRACE(name);
    auto meter = stream_meter{chat};
    auto of_responses = stream_meter{responses};
    for (const auto& one : told) {
      meter.observe("data: {\"choices\":[],\"usage\":" + one + "}\n\n");
      of_responses.observe("event: response.in_progress\ndata: {\"response\":{\"usage\":" + one +
                           "}}\n\n");
    }
    EXPECT_EQ(meter.seen(), expected);
    EXPECT_EQ(of_responses.seen(), expected);
  }
}

} // namespace
} // namespace axonhub::llm
