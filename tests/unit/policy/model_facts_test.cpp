#include "policy/model_facts.hpp"

#include <gtest/gtest.h>

#include "policy/channel_traits.hpp"

namespace axonhub::policy {
namespace {

/// Whether it reasons, thinks adaptively and samples: "?" is the type's business. Then its limit.
std::string told(std::string_view model) {
  const auto facts = facts_of_model(model);
  const auto word = [](const std::optional<bool>& fact) { return !fact ? '?' : *fact ? 'y' : 'n'; };
  return std::string{word(facts.reasons), word(facts.adaptive_thinking), word(facts.sampling)} +
         (facts.needs_responses ? " responses" : "") + " " +
         std::to_string(facts.max_output_tokens.value_or(0));
}

TEST(model_facts, are_told_by_the_name) {
  struct {
    std::string_view model, expected;
  } cases[] = {
      {"claude-3-haiku-20240307", "n?? 4096"},
      {"claude-3-5-sonnet-20241022", "n?? 8192"},
      {"us.anthropic.claude-3-5-sonnet-20240620-v1:0", "n?? 8192"},
      {"anthropic/claude-3.5-haiku", "n?? 8192"},
      {"claude-3-7-sonnet-20250219", "?n? 64000"},
      {"claude-opus-4-20250514", "?n? 32000"},
      {"claude-opus-4-0", "?n? 32000"},
      {"claude-opus-4-1-20250805", "?n? 32000"},
      {"claude-opus-4-5-20251101", "?n? 64000"},
      {"anthropic/claude-opus-4.5", "?n? 64000"},
      {"claude-sonnet-4-20250514", "?n? 64000"},
      {"claude-sonnet-4@20250514", "?n? 64000"},
      {"claude-sonnet-4-5", "?n? 64000"},
      {"claude-haiku-4-5-20251001", "?n? 64000"},
      {"claude-haiku-4-5", "?n? 64000"},
      {"claude-sonnet-4-6", "??? 0"},
      {"claude-opus-4-7", "??n 0"},
      {"claude-opus-5-5", "??n 0"},
      {"claude-next", "??? 0"},
      {"gpt-3.5-turbo", "n?? 0"},
      {"gpt-4", "n?? 0"},
      {"openai/gpt-4o-mini", "n?? 0"},
      {"gpt-4.1", "n?? 0"},
      {"gpt-5-chat-latest", "n?? 0"},
      {"gpt-5", "??? 0"},
      {"gpt-5-mini", "??? 0"},
      {"gpt-5.1-codex", "??? 0"},
      {"gpt-5.4", "??? responses 0"},
      {"gpt-5.6-terra", "??? responses 0"},
      {"gpt-5.10", "??? responses 0"},
      {"gpt-6", "??? responses 0"},
      {"gpt-oss-120b", "??? 0"},
      {"o3", "??? 0"},
      {"llama3.1:8b", "n?? 0"},
      {"llama-3.3-70b-versatile", "n?? 0"},
      {"meta-llama/llama-4-scout", "n?? 0"},
      {"deepseek-r1-distill-llama-70b", "??? 0"},
      {"", "??? 0"},
  };
  for (const auto& [model, expected] : cases) {
    SCOPED_TRACE(model);
    EXPECT_EQ(told(model), expected);
  }
}

TEST(traits, follow_the_model_and_above_it_the_operator) {
  auto c = channel{};
  c.type = "anthropic";
  EXPECT_TRUE(traits_of(c, "claude-opus-5-5").adaptive_thinking);
  EXPECT_FALSE(traits_of(c, "claude-haiku-4-5").adaptive_thinking);
  EXPECT_EQ(traits_of(c, "claude-haiku-4-5").max_output_tokens, 64000u);
  c.compatibility.adaptive_thinking = true;
  EXPECT_TRUE(traits_of(c, "claude-haiku-4-5").adaptive_thinking);
  c.model_capabilities = {{.model = "claude-haiku-.*",
                           .max_output_tokens = 1000,
                           .reasoning_effort = false,
                           .adaptive_thinking = false}};
  const auto traits = traits_of(c, "claude-haiku-4-5");
  EXPECT_FALSE(traits.adaptive_thinking);
  EXPECT_FALSE(traits.reasons);
  EXPECT_EQ(traits.max_output_tokens, 1000u);
  EXPECT_TRUE(traits_of(c, "claude-sonnet-4-5").adaptive_thinking);
}

TEST(model_facts, tell_the_efforts_that_a_model_knows) {
  using enum llm::effort_level;
  struct {
    std::string_view model;
    llm::effort_level least, low_wish, most;
  } cases[] = {
      // For thinking switched off, for as little as can be, and for as much.
      {"o1", low, low, high},
      {"o3-mini", low, low, high},
      {"o4-mini-2025-04-16", low, low, high},
      {"o3:flex", low, low, high},
      {"o3-deep-research", medium, medium, medium},
      {"o4-mini-deep-research-2025-06-26", medium, medium, medium},
      {"gpt-5", minimal, minimal, high},
      {"gpt-5:online", minimal, minimal, high},
      {"openai/gpt-5-mini", minimal, minimal, high},
      {"gpt-5-nano-2025-08-07", minimal, minimal, high},
      {"gpt-5-pro", high, high, high},
      {"gpt-5-codex", low, low, high},
      {"gpt-5.1", none, low, high},
      {"gpt-5.1-codex", low, low, high},
      {"gpt-5.1-codex-mini-2025-11-13", low, low, high},
      {"gpt-5.1-codex-max", low, low, xhigh},
      {"gpt-5.1:nitro", none, low, high},
      {"gpt-5.10", none, low, xhigh},
      {"gpt-5.2", none, low, xhigh},
      {"gpt-5.2-pro", medium, medium, xhigh},
      {"gpt-5.3-codex", low, low, xhigh},
      {"gpt-5.4-mini", none, low, xhigh},
      {"gpt-5.5-pro", medium, medium, xhigh},
      {"gpt-6", none, low, xhigh},
      {"gpt-oss-120b", none, minimal, xhigh},
      {"whatever", none, minimal, xhigh},
  };
  for (const auto& [model, least, low_wish, most] : cases) {
    SCOPED_TRACE(model);
    const auto known = facts_of_model(model).efforts.value_or(llm::effort_range{});
    EXPECT_EQ(known.nearest(none), least);
    EXPECT_EQ(known.nearest(minimal), low_wish);
    EXPECT_EQ(known.nearest(max), most);
    EXPECT_EQ(known.nearest(unset), unset);
  }
}

TEST(traits, part_effort_from_tools_at_openais_own_chat_only) {
  auto c = channel{};
  c.type = "openai";
  EXPECT_FALSE(traits_of(c, "gpt-5.5").effort_beside_tools);
  EXPECT_TRUE(traits_of(c, "gpt-5.1").effort_beside_tools);
  EXPECT_TRUE(traits_of(c, "o3").effort_beside_tools);
  c.base_url = "http://127.0.0.1:8000/v1";
  EXPECT_TRUE(traits_of(c, "gpt-5.5").effort_beside_tools);
  c = {};
  c.type = "openrouter";
  EXPECT_TRUE(traits_of(c, "openai/gpt-5.5").effort_beside_tools);
}

} // namespace
} // namespace axonhub::policy
