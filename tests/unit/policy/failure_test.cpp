#include "policy/failure.hpp"

#include "llm/sse.hpp"
#include "llm/stream_converter.hpp"
#include "llm/stream_meter.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

TEST(failure_table, says_what_may_happen_next_and_who_is_blamed) {
  using enum failure_kind;
  struct {
    failure_kind kind;
    bool here, other_credential, next;
    health_effect effect;
  } cases[] = {
      {stale_connection, true, false, true, health_effect::none},
      {resolve, false, false, true, health_effect::breaker},
      {address_refused, false, false, true, health_effect::none},
      {connect, true, false, true, health_effect::breaker},
      {reset, true, false, true, health_effect::breaker},
      {tls, false, false, true, health_effect::breaker},
      {connect_timeout, false, false, true, health_effect::breaker},
      {first_byte_timeout, false, false, true, health_effect::breaker},
      {first_event_timeout, false, false, true, health_effect::breaker},
      {total_timeout, false, false, true, health_effect::breaker},
      {server_error, true, false, true, health_effect::cooldown},
      {overloaded, true, false, true, health_effect::cooldown},
      {bad_answer, true, false, true, health_effect::cooldown},
      {protocol, false, false, true, health_effect::breaker},
      {redirect, false, false, true, health_effect::cooldown},
      {rate_limited, false, true, true, health_effect::credential_cooldown},
      {unauthorized, false, true, true, health_effect::credential_bench},
      {billing, false, true, true, health_effect::credential_bench},
      {model_not_found, false, false, true, health_effect::model_absent},
      {signature, false, false, false, health_effect::none},
      {client_error, false, false, false, health_effect::none},
      {stall, false, false, false, health_effect::breaker},
      {cut, false, false, false, health_effect::breaker},
      {stream_error, false, false, false, health_effect::breaker},
  };
  for (const auto& [kind, here, other_credential, next, effect] : cases) {
    SCOPED_TRACE(to_text(kind));
    const auto rule = rule_for(kind);
    EXPECT_EQ(rule.retry_here, here);
    EXPECT_EQ(rule.other_credential, other_credential);
    EXPECT_EQ(rule.next_channel, next);
    EXPECT_EQ(rule.effect, effect);
  }
}

TEST(classify_status, blames_the_right_thing) {
  using enum failure_kind;
  struct {
    std::uint16_t status;
    std::string_view type, message;
    bool names_model;
    failure_kind expected;
  } cases[] = {
      {301, "", "", false, redirect},
      {308, "", "", false, redirect},
      {400, "invalid_request_error", "max_tokens: must be positive", false, client_error},
      {400, "invalid_request_error", "messages.1: Invalid `signature` in `thinking` block", false,
       signature},
      {400, "invalid_request_error", "signature of the image is wrong", false, client_error},
      {400, "invalid_request_error",
       "messages.3.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant "
       "message cannot be modified.",
       false, signature},
      {400, "invalid_request_error",
       "messages.1: The final block in an assistant message cannot be `thinking`.", false,
       signature},
      {400, "invalid_request_error",
       "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
       "`tool_use`.",
       false, signature},
      {400, "invalid_request_error",
       "Thinking may not be enabled when tool_choice forces tool use.", false, client_error},
      {400, "invalid_request_error", "messages.1: Invalid `data` in `redacted_thinking` block",
       false, signature},
      {400, "invalid_encrypted_content", "", false, signature},
      {400, "invalid_request_error",
       "The encrypted content gAAA... could not be verified. Reason: Encrypted content could not "
       "be "
       "decrypted or parsed.",
       false, signature},
      {400, "invalid_request_error", "encrypted content is not supported here", false,
       client_error},
      {400, "invalid_request_error", "Your credit balance is too low to use the API", false,
       billing},
      {401, "authentication_error", "", false, unauthorized},
      {402, "", "", false, billing},
      {403, "permission_error", "", false, unauthorized},
      {403, "", "Forbidden", false, unauthorized},
      {403, "", "Your input was flagged", false, client_error},
      {403, "forbidden", "This model requires moderation", false, client_error},
      {403, "", "", false, bad_answer},
      {404, "not_found_error", "model: claude-nine", true, model_not_found},
      {404, "not_found_error", "no such page", false, client_error},
      {404, "model_not_found", "", false, model_not_found},
      {408, "", "", false, server_error},
      {409, "", "", false, client_error},
      {413, "request_too_large", "", false, client_error},
      {422, "", "", true, client_error},
      {429, "rate_limit_error", "", false, rate_limited},
      {500, "api_error", "", false, server_error},
      {500, "overloaded_error", "", false, overloaded},
      {501, "", "", false, server_error},
      {503, "", "", false, server_error},
      {529, "", "", false, overloaded},
      {101, "", "", false, protocol},
      {600, "", "", false, protocol},
  };
  for (const auto& [status, type, message, names_model, expected] : cases) {
    SCOPED_TRACE(testing::Message() << status << " " << message);
    EXPECT_EQ(to_text(classify_status(status, type, message, names_model)), to_text(expected));
  }
}

/// What came of a stream's first error: as it passes, or as it is converted.
llm::upstream_error error_of(llm::dialect d, std::string_view stream, bool converted) {
  auto meter = llm::stream_meter{d};
  auto memory = llm::conversion_memory{};
  memory.upstream = d;
  memory.client =
      d == llm::dialect::anthropic ? llm::dialect::openai_chat : llm::dialect::anthropic;
  auto converter = llm::stream_converter{memory};
  auto out = std::string{};
  auto last = llm::event_kind::other;
  llm::event_splitter{}.feed(stream, [&](std::string_view event) {
    last = converted ? converter.convert(event, out) : meter.observe(event);
    EXPECT_NE(last, llm::event_kind::content) << event;
  });
  EXPECT_EQ(last, llm::event_kind::error) << stream;
  return converted ? converter.error() : meter.error();
}

TEST(classify_stream_error, knows_what_providers_say_before_any_content) {
  using enum failure_kind;
  using enum llm::dialect;
  struct {
    llm::dialect speaks;
    std::string_view data;
    failure_kind expected;
  } cases[] = {
      {anthropic, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       overloaded},
      {anthropic, R"({"type":"error","error":{"type":"api_error","message":"Internal"}})",
       server_error},
      {anthropic, R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow"}})",
       rate_limited},
      {anthropic, R"({"type":"error","error":{"type":"authentication_error","message":"x"}})",
       unauthorized},
      {anthropic, R"({"type":"error","error":{"type":"billing_error","message":"x"}})", billing},
      {anthropic, R"({"type":"error","error":{"type":"not_found_error","message":"model: m"}})",
       model_not_found},
      {anthropic,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 5 tokens > 4 maximum"}})",
       client_error},
      {anthropic,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"Invalid `signature` in `thinking` block"}})",
       signature},
      {anthropic, R"({"type":"error","error":{"type":"timeout_error","message":"x"}})",
       server_error},
      {openai_chat,
       R"({"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
       rate_limited},
      {openai_chat,
       R"({"error":{"message":"The model `x` does not exist","type":"invalid_request_error","code":"model_not_found"}})",
       model_not_found},
      {openai_chat,
       R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}})",
       billing},
      {openai_chat,
       R"({"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}})",
       unauthorized},
      {openai_chat,
       R"({"error":{"message":"This model's maximum context length is 8 tokens","type":"invalid_request_error","code":"context_length_exceeded"}})",
       client_error},
      {openai_chat,
       R"({"error":{"message":"The server had an error","type":"server_error","code":null}})",
       server_error},
      {openai_chat,
       R"({"id":"g","error":{"code":429,"message":"Rate limited upstream"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]})",
       rate_limited},
      {openai_chat, R"({"error":{"code":502,"message":"Provider returned error"}})", server_error},
      {openai_chat, R"({"error":{"code":503,"message":"No instances"}})", overloaded},
      {openai_chat, R"({"error":{"code":402,"message":"Insufficient credits"}})", billing},
      {openai_chat, R"({"error":{"code":"429","message":"Too fast"}})", rate_limited},
      {openai_chat, R"({"error":{"code":400,"message":"Bad","type":"BadRequestError"}})",
       client_error},
      {openai_chat, R"({"object":"error","message":"Bad","type":"BadRequestError","code":400})",
       client_error},
      {openai_chat,
       R"({"error":{"type":"engine_overloaded_error","message":"The engine is overloaded"}})",
       overloaded},
      {openai_chat,
       R"({"error":{"type":"exceeded_current_quota_error","message":"Your account is suspended"}})",
       billing},
      {openai_chat,
       R"({"error":{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded"}})",
       rate_limited},
      {openai_chat, R"({"error":"model overloaded"})", server_error},
      {openai_responses,
       R"({"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"x"}}})",
       rate_limited},
      {openai_responses,
       R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}})",
       server_error},
      {openai_responses,
       R"({"type":"response.failed","response":{"status":"failed","error":{"code":"invalid_prompt","message":"x"}}})",
       client_error},
      {openai_responses, R"({"type":"error","code":"rate_limit_exceeded","message":"x"})",
       rate_limited},
      {openai_responses,
       R"({"type":"error","error":{"type":"invalid_request_error","code":"model_not_found","message":"x"}})",
       model_not_found},
      {openai_responses, R"({"type":"error","error":{"code":429,"message":"x"}})", rate_limited},
  };
  const auto start_of = [](llm::dialect d) -> std::string {
    if (d == anthropic)
      return "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    if (d == openai_chat)
      return ": ping\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
             "\"assistant\",\"content\":\"\"}}]}\n\n";
    return "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"error\":null}}\n\n"
           "data: {\"type\":\"response.in_progress\",\"response\":{\"id\":\"r\"}}\n\n";
  };
  for (const auto& [speaks, data, expected] : cases)
    for (const auto& start : {std::string{}, start_of(speaks)})
      for (const auto converted : {false, true}) {
        const auto stream = start + "data: " + std::string{data} + "\n\n";
        const auto error = error_of(speaks, stream, converted);
        EXPECT_EQ(to_text(classify_stream_error(error)), to_text(expected))
            << stream << (converted ? "converted" : "");
      }
}

} // namespace
} // namespace axonhub::policy
