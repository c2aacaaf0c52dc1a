#include "policy/channel_types.hpp"

#include <gtest/gtest.h>

#include "policy/channel_traits.hpp"
#include "policy/channel_url.hpp"

namespace axonhub::policy {
namespace {

TEST(channel_types, are_found_by_name_and_by_accepted_spelling) {
  EXPECT_EQ(find_channel_type("anthropic")->auth, auth_scheme::x_api_key);
  EXPECT_EQ(find_channel_type("claude-code")->auth, auth_scheme::bearer);
  EXPECT_EQ(find_channel_type("claudecode")->type, "claude-code");
  EXPECT_EQ(find_channel_type("Anthropic"), nullptr);
  EXPECT_EQ(find_channel_type(""), nullptr);
}

TEST(channel_types, refuse_by_name_what_the_build_lacks) {
  const auto refused = require_channel_type("gopher");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "this build has no channel type \"gopher\"; it has anthropic, claude-code, openai, "
            "openai-responses, deepseek, openrouter, moonshot, zai, groq, mistral, ollama, "
            "deepseek_anthropic, moonshot_anthropic, zai_anthropic");
  EXPECT_TRUE(require_channel_type("anthropic"));
}

TEST(channel_types, are_complete_rows_that_can_be_called) {
  for (const auto& row : channel_types()) {
    SCOPED_TRACE(row.type);
    EXPECT_EQ(find_channel_type(row.type), &row);
    EXPECT_FALSE(row.label.empty());
    EXPECT_FALSE(row.credential_kinds.empty());
    EXPECT_NE(row.auth, auth_scheme::automatic);
    EXPECT_TRUE(check_base_url(row.default_base_url));
    EXPECT_TRUE(upstream_url("", row.type, endpoint_for(endpoint::messages, row.traits.speaks)));
  }
}

TEST(effective_auth, leaves_the_choice_to_the_type_only_where_the_credential_does) {
  auto c = credential{};
  EXPECT_EQ(effective_auth(c, "anthropic"), auth_scheme::x_api_key);
  EXPECT_EQ(effective_auth(c, "claude-code"), auth_scheme::bearer);
  c.auth = auth_scheme::bearer;
  EXPECT_EQ(effective_auth(c, "anthropic"), auth_scheme::bearer);
}

TEST(upstream_url, follows_the_rules_of_the_base_url) {
  using enum endpoint;
  struct {
    std::string_view base;
    endpoint call;
    std::optional<std::string> expected;
  } cases[] = {
      {"", messages, "https://api.anthropic.com/v1/messages"},
      {"https://a.example", messages, "https://a.example/v1/messages"},
      {"https://a.example/", messages, "https://a.example/v1/messages"},
      {"https://a.example//", messages, "https://a.example/v1/messages"},
      {"https://a.example/v1", messages, "https://a.example/v1/messages"},
      {"https://a.example/v1/", messages, "https://a.example/v1/messages"},
      {"https://a.example/api/anthropic", messages, "https://a.example/api/anthropic/v1/messages"},
      {"https://a.example/v2", messages, "https://a.example/v2/v1/messages"},
      {"https://a.example/v2#", messages, "https://a.example/v2/messages"},
      {"https://a.example/v2/#", messages, "https://a.example/v2/messages"},
      {"https://a.example/talk##", messages, "https://a.example/talk"},
      {"https://a.example/talk/##", messages, "https://a.example/talk/"},
      {"https://a.example/talk##", count_tokens, std::nullopt},
      {"https://a.example", count_tokens, "https://a.example/v1/messages/count_tokens"},
      {"https://a.example/v1", models, "https://a.example/v1/models"},
      {" https://a.example ", models, "https://a.example/v1/models"},
  };
  for (const auto& [base, call, expected] : cases) {
    SCOPED_TRACE(base);
    EXPECT_EQ(upstream_url(base, "anthropic", call), expected);
  }
  EXPECT_EQ(upstream_url("https://a.example", "gopher", messages), std::nullopt);
}

TEST(upstream_url, adds_a_version_to_other_formats_only_where_none_is) {
  using enum endpoint;
  struct {
    std::string_view base, type;
    endpoint call;
    std::optional<std::string> expected;
  } cases[] = {
      {"", "openai", chat_completions, "https://api.openai.com/v1/chat/completions"},
      {"", "openai-responses", responses, "https://api.openai.com/v1/responses"},
      {"https://a.example", "openai", chat_completions, "https://a.example/v1/chat/completions"},
      {"https://a.example/v1/", "openai", models, "https://a.example/v1/models"},
      {"https://a.example/api/paas/v4", "openai", chat_completions,
       "https://a.example/api/paas/v4/chat/completions"},
      {"https://a.example/v1beta", "openai", models, "https://a.example/v1beta/models"},
      {"https://a.example/vault", "openai", models, "https://a.example/vault/v1/models"},
      {"https://a.example/x#", "openai", responses, "https://a.example/x/responses"},
      {"https://a.example/x##", "openai", chat_completions, "https://a.example/x"},
      {"https://a.example/x##", "openai", responses, std::nullopt},
      {"https://a.example/v4", "zai_anthropic", messages, "https://a.example/v4/v1/messages"},
      {"", "deepseek_anthropic", messages, "https://api.deepseek.com/anthropic/v1/messages"},
  };
  for (const auto& [base, type, call, expected] : cases) {
    SCOPED_TRACE(base);
    EXPECT_EQ(upstream_url(base, type, call), expected);
  }
}

TEST(check_base_url, says_what_is_wrong) {
  struct {
    std::string_view base, expected;
  } cases[] = {
      {"", ""},
      {"https://a.example", ""},
      {"http://127.0.0.1:9000/x", ""},
      {"HTTPS://a.example/v1##", ""},
      {"https://[::1]:9000", ""},
      {"ftp://a.example", "base_url must begin with https:// or http://"},
      {"a.example", "base_url must begin with https:// or http://"},
      {"https://", "base_url names no host"},
      {"https:///v1", "base_url names no host"},
      {"https://:80", "base_url names no host"},
      {"https://u:p@a.example", "base_url must not hold a user or password; use a credential"},
      {"https://a.example/?x=1", "base_url must not hold a query or a fragment"},
      {"https://a.example/###", "base_url must not hold a query or a fragment"},
      {"https://a.exa mple", "base_url must not hold blanks or control characters"},
      {"https://a.example/\r\nx: y", "base_url must not hold blanks or control characters"},
  };
  for (const auto& [base, expected] : cases) {
    SCOPED_TRACE(base);
    const auto checked = check_base_url(base);
    EXPECT_EQ(checked ? std::string{} : checked.error().message, expected);
  }
}

TEST(traits, of_openai_hold_at_its_own_address_only) {
  auto c = channel{};
  c.type = "openai";
  EXPECT_TRUE(traits_of(c, "gpt-5.5").developer_role);
  EXPECT_EQ(traits_of(c, "m").output_limit, llm::output_limit_field::max_completion_tokens);
  c.base_url = "https://api.openai.com/v1";
  EXPECT_TRUE(traits_of(c, "gpt-5.5").developer_role);
  for (const auto* other : {"http://127.0.0.1:8000/v1", "https://api.openai.com.evil.example"}) {
    c.base_url = other;
    EXPECT_FALSE(traits_of(c, "m").developer_role) << other;
    EXPECT_EQ(traits_of(c, "m").output_limit, llm::output_limit_field::max_tokens);
  }
  c.compatibility.developer_role = true;
  EXPECT_TRUE(traits_of(c, "m").developer_role) << "the operator's word counts";
}

TEST(traits, know_what_a_providers_model_gives_at_most) {
  auto c = channel{};
  c.type = "deepseek";
  EXPECT_EQ(traits_of(c, "deepseek-chat").max_output_tokens, 8192u);
  EXPECT_EQ(traits_of(c, "deepseek-reasoner").max_output_tokens, 65536u);
  EXPECT_EQ(traits_of(c, "deepseek-next").max_output_tokens, std::nullopt);
  c.model_capabilities = {{.model = "deepseek-chat", .max_output_tokens = 32768}};
  EXPECT_EQ(traits_of(c, "deepseek-chat").max_output_tokens, 32768u);
}

TEST(host_of, is_what_stands_between_scheme_and_path) {
  EXPECT_EQ(host_of("https://api.openai.com/v1"), "api.openai.com");
  EXPECT_EQ(host_of(" http://127.0.0.1:8000"), "127.0.0.1");
  EXPECT_EQ(host_of("api.openai.com"), "");
}

} // namespace
} // namespace axonhub::policy
