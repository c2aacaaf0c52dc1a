#include "llm/read_answer.hpp"

#include "llm/upstream_error.hpp"
#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace axonhub::llm {
namespace {

using testing::HasSubstr;

TEST(read_answer, reads_a_whole_message) {
  const auto body = padded(fixture("anthropic/answer.json"));
  const auto facts = read_answer(dialect::anthropic, body).value();
  EXPECT_EQ(facts.id, "msg_fx_ns");
  EXPECT_EQ(facts.model, "claude-sonnet-5-5");
  ASSERT_TRUE(facts.model_value);
  EXPECT_EQ(body.substr(facts.model_value->offset, facts.model_value->size),
            "\"claude-sonnet-5-5\"");
  EXPECT_EQ(facts.stop_reason, "tool_use");
  EXPECT_EQ(facts.tokens, (usage{21, 4096, 512, 512, 0, 80, 0, true}));
}

TEST(read_answer, says_why_a_body_is_no_message) {
  const struct {
    std::string_view body, text;
  } cases[] = {
      {"", "no valid JSON"},
      {"<!doctype html><title>502</title>", "a page"},
      {R"({"type":"message","model":"m")", "no valid JSON"},
      {R"({"type":"message"} trailing)", "no valid JSON"},
      {R"([{"type":"message"}])", "no valid JSON"},
      {R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})",
       "overloaded_error: Busy"},
      {R"({"error":{"message":"no such user","type":"server_error"}})", "no such user"},
      {R"({"type":"completion"})", "\"completion\""},
      {R"({"id":"x"})", "no message"},
  };
  for (const auto& [body, text] : cases) {
    SCOPED_TRACE(body);
    const auto facts = read_answer(dialect::anthropic, padded(body));
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().code, errc::malformed_message);
    EXPECT_THAT(facts.error().message, HasSubstr(text));
  }
}

TEST(read_answer, refuses_every_truncation) {
  const auto body = fixture("anthropic/answer.json");
  const auto end = body.rfind('}');
  for (auto size = std::size_t{0}; size < end; ++size)
    EXPECT_FALSE(read_answer(dialect::anthropic, padded(body.substr(0, size)))) << size;
}

/// A completion with this message.
std::string completion(const std::string& message, const std::string& finish = "stop") {
  return R"({"id":"c","model":"m","choices":[{"index":0,"message":)" + message +
         R"(,"finish_reason":")" + finish +
         R"("}],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
}

TEST(read_answer, takes_every_completion_that_is_legal) {
  for (
      const auto* const message :
      {R"({"role":"assistant","content":null,"audio":{"id":"a","data":"UklGRg==","transcript":"hi"}})",
       R"({"content":null,"function_call":{"name":"f","arguments":"{}"}})",
       R"({"content":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"p","input":"x"}}]})",
       R"({"content":[{"type":"text","text":"a"}]})", R"({"content":""})",
       R"({"content":"\ud800"})", "null"}) {
    SCOPED_TRACE(message);
    const auto text = completion(message);
    const auto body = padded(text);
    const auto facts = read_answer(dialect::openai_chat, body);
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->stop_reason, "stop");
    EXPECT_EQ(facts->tokens, (usage{3, 0, 0, 0, 0, 2, 0, true}));
    EXPECT_EQ(body, text) << "what passes is not touched";
  }
}

TEST(read_answer, takes_every_response_that_is_legal) {
  for (const auto* const rest :
       {R"("output":[])", R"("output":[{"type":"image_generation_call","result":"aWNv"}])",
        R"("output":[{"type":"function_call"}],"error":null,"status":"cancelled")"}) {
    const auto text = std::string{R"({"id":"r","model":"m",)"} + rest + "}";
    const auto body = padded(text);
    EXPECT_TRUE(read_answer(dialect::openai_responses, body)) << rest;
    EXPECT_EQ(body, text);
  }
}

TEST(read_answer, gives_the_upstreams_error) {
  using enum dialect;
  const struct {
    dialect speaks;
    std::string_view body;
    upstream_error expected;
  } cases[] = {
      {anthropic,
       R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})",
       {"overloaded_error", "Busy", ""}},
      {openai_chat,
       R"({"error":{"message":"m","type":"requests","code":"rate_limit_exceeded"}})",
       {"requests", "m", "rate_limit_exceeded"}},
      {openai_chat,
       R"({"choices":[{"message":{"content":"t"},"finish_reason":"network_error"}]})",
       {"", "The upstream gave up", ""}},
      {openai_responses,
       R"({"status":"failed","error":{"code":"server_error","message":"m"},"output":[]})",
       {"", "m", "server_error"}},
      {openai_responses,
       R"({"status":"failed","error":null,"output":[]})",
       {"", "The response failed", ""}},
  };
  for (const auto& [speaks, body, expected] : cases) {
    auto error = upstream_error{};
    EXPECT_FALSE(read_answer(speaks, padded(body), error)) << body;
    EXPECT_EQ(error, expected) << body;
  }
}

TEST(read_error_body, reads_both_families) {
  for (const auto* const name : {"anthropic/errors.json", "openai/errors.json"})
    for (const auto& given : nlohmann::json::parse(fixture(name))) {
      const auto& error = given["body"]["error"];
      const auto seen = read_error_body(given["body"].dump());
      EXPECT_EQ(seen.type, error["type"]);
      EXPECT_EQ(seen.message, error["message"]);
      const auto code = error.value("code", nlohmann::json{});
      EXPECT_EQ(seen.code, code.is_string() ? code.get<std::string>() : "");
    }
}

TEST(read_error_body, takes_looser_shapes_and_stays_empty_for_others) {
  const struct {
    std::string_view body;
    upstream_error expected;
  } cases[] = {
      {R"({"error":"model overloaded"})", {"", "model overloaded", ""}},
      {R"({"message":"Unauthorized"})", {"", "Unauthorized", ""}},
      {R"({"detail":"Not Found"})", {"", "Not Found", ""}},
      {R"({"detail":[{"loc":["body"]}]})", {}},
      {R"({"error":{"code":429,"message":"slow down","status":"X"}})", {"", "slow down", "", 429}},
      {R"({"error":{"code":"503","message":"m"}})", {"", "m", "503", 503}},
      {R"({"error":{"code":7,"message":"m"}})", {"", "m", ""}},
      {R"({"object":"error","message":"m","type":"BadRequestError","param":null,"code":400})",
       {"BadRequestError", "m", "", 400}},
      {R"({"error":null})", {}},
      {R"({"error":{"type":"api_error","message":"cut)", {}},
      {"<html>", {}},
      {"", {}},
      {"\xFF\xFE", {}},
      {R"("error")", {}},
  };
  for (const auto& [body, expected] : cases)
    EXPECT_EQ(read_error_body(body), expected) << body;
}

TEST(read_error_body, reads_a_message_of_any_length_on_a_new_thread) {
  for (const auto length : {100, 500, 2'000, 50'000, 1'000'000}) {
    const auto text = std::string(static_cast<std::size_t>(length), 'x');
    auto seen = upstream_error{};
    const auto body = R"({"object":"error","message":")" + text + R"(","detail":")" + text + "\"}";
    std::thread{[&] { seen = read_error_body(body); }}.join(); // its parser has read nothing yet
    EXPECT_EQ(seen.message, text);
  }
}

} // namespace
} // namespace axonhub::llm
