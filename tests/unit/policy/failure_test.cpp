#include "policy/failure.hpp"

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
      {rate_limited, false, false, true, health_effect::credential_cooldown},
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

TEST(classify_stream_error, reads_the_type_of_an_error_inside_a_stream) {
  using enum failure_kind;
  struct {
    std::string_view type;
    failure_kind expected;
  } cases[] = {
      {"overloaded_error", overloaded},       {"api_error", server_error},
      {"server_error", server_error},         {"rate_limit_error", rate_limited},
      {"authentication_error", unauthorized}, {"billing_error", billing},
      {"not_found_error", model_not_found},   {"invalid_request_error", client_error},
      {"something_new", server_error},        {"", server_error},
  };
  for (const auto& [type, expected] : cases)
    EXPECT_EQ(to_text(classify_stream_error(type)), to_text(expected)) << type;
}

} // namespace
} // namespace axonhub::policy
