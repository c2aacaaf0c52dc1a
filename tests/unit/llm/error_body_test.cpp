#include "llm/error_body.hpp"

#include "llm/anthropic_stream.hpp"
#include "llm/upstream_error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace axonhub::llm {
namespace {

using enum client_error;

constexpr dialect dialects[] = {dialect::anthropic, dialect::openai_chat,
                                dialect::openai_responses};
constexpr client_error all_errors[] = {
    invalid_request,   authentication,       permission,         billing,
    model_not_found,   path_not_found,       method_not_allowed, request_timeout,
    request_too_large, unsupported_encoding, rate_limited,       internal,
    api_error,         overloaded,           unavailable,        timeout,
};

TEST(error_body, has_the_status_and_type_of_the_clients_dialect) {
  const struct {
    client_error error;
    int anthropic, openai;
    std::string_view anthropic_type, openai_type;
  } cases[] = {
      {invalid_request, 400, 400, "invalid_request_error", "invalid_request_error"},
      {authentication, 401, 401, "authentication_error", "invalid_request_error"},
      {permission, 403, 403, "permission_error", "permission_error"},
      {billing, 429, 429, "billing_error", "insufficient_quota"},
      {model_not_found, 404, 404, "not_found_error", "invalid_request_error"},
      {request_too_large, 413, 413, "request_too_large", "invalid_request_error"},
      {rate_limited, 429, 429, "rate_limit_error", "rate_limit_error"},
      {api_error, 500, 502, "api_error", "server_error"},
      {overloaded, 529, 503, "overloaded_error", "server_error"},
      {unavailable, 503, 503, "api_error", "server_error"},
      {timeout, 504, 504, "timeout_error", "server_error"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.anthropic_type);
    EXPECT_EQ(http_status(dialect::anthropic, c.error), c.anthropic);
    EXPECT_EQ(http_status(dialect::openai_chat, c.error), c.openai);
    EXPECT_EQ(http_status(dialect::openai_responses, c.error), c.openai);
    EXPECT_EQ(read_error_body(error_body(dialect::anthropic, c.error, "m", "r")).type,
              c.anthropic_type);
    EXPECT_EQ(read_error_body(error_body(dialect::openai_chat, c.error, "m", "r")).type,
              c.openai_type);
  }
}

TEST(error_body, is_json_whatever_the_message_says) {
  const auto message = std::string{"line\n\"quoted\" \\ \x01 \xFF ü"};
  for (const auto d : dialects)
    for (const auto e : all_errors) {
      const auto body = nlohmann::json::parse(error_body(d, e, message, "req_\"1"));
      EXPECT_EQ(body["error"]["message"], "line\n\"quoted\" \\ \x01 \xEF\xBF\xBD ü");
      EXPECT_TRUE(body["error"]["type"].is_string());
      if (d == dialect::anthropic) {
        EXPECT_EQ(body["type"], "error");
        EXPECT_EQ(body["request_id"], "req_\"1");
      } else {
        EXPECT_TRUE(body["error"]["param"].is_null());
        EXPECT_TRUE(body["error"].contains("code"));
      }
    }
}

/// The one event's data, after checks of its frame.
nlohmann::json data_of(const std::string& event, std::string_view head) {
  EXPECT_TRUE(event.starts_with(head)) << event;
  EXPECT_TRUE(event.ends_with("\n\n"));
  return nlohmann::json::parse(event.substr(head.size()));
}

TEST(error_event, is_one_event_that_ends_the_stream_with_an_error) {
  for (const auto e : all_errors) {
    const auto ours = error_event(dialect::anthropic, e, "two\nlines", "req_1");
    EXPECT_EQ(data_of(ours, "event: error\ndata: ")["error"]["message"], "two\nlines");
    EXPECT_EQ(anthropic_meter{}.observe(ours), event_kind::error);

    const auto chat = data_of(error_event(dialect::openai_chat, e, "two\nlines", ""), "data: ");
    EXPECT_EQ(chat["error"]["message"], "two\nlines");

    const auto responses = data_of(error_event(dialect::openai_responses, e, "two\nlines", ""),
                                   "event: response.failed\ndata: ");
    EXPECT_EQ(responses["type"], "response.failed");
    EXPECT_EQ(responses["response"]["status"], "failed");
    EXPECT_TRUE(
        responses["response"]["error"]["message"].get<std::string>().starts_with("two\nlines"));
    EXPECT_TRUE(responses["response"]["error"]["code"].is_string());
  }
}

TEST(error_event, tells_codex_when_to_come_back) {
  const auto message_of = [](client_error e, std::optional<milliseconds> retry_after) {
    const auto event = error_event(dialect::openai_responses, e, "Slow", "r", 7, retry_after);
    return data_of(event, "event: response.failed\ndata: ")["response"]["error"]["message"]
        .get<std::string>();
  };
  EXPECT_EQ(message_of(rate_limited, milliseconds{2500}), "Slow Please try again in 3s.");
  EXPECT_EQ(message_of(rate_limited, std::nullopt), "Slow Please try again in 5s.");
  EXPECT_EQ(message_of(api_error, milliseconds{2500}), "Slow");
  const auto chat =
      error_event(dialect::openai_chat, rate_limited, "Slow", "r", 0, milliseconds{9});
  EXPECT_EQ(data_of(chat, "data: ")["error"]["message"], "Slow");
}

TEST(ping_event, means_nothing_to_a_client) {
  EXPECT_EQ(anthropic_meter{}.observe(ping_event(dialect::anthropic)), event_kind::ping);
  for (const auto d : {dialect::openai_chat, dialect::openai_responses}) {
    EXPECT_TRUE(ping_event(d).starts_with(':'));
    EXPECT_TRUE(ping_event(d).ends_with("\n\n"));
  }
}

TEST(dialect, has_a_name_of_its_own) {
  EXPECT_EQ(to_text(dialect::anthropic), "anthropic");
  EXPECT_EQ(to_text(dialect::openai_chat), "openai_chat");
  EXPECT_EQ(to_text(dialect::openai_responses), "openai_responses");
}

} // namespace
} // namespace axonhub::llm
