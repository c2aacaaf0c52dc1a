#include "policy/model_facts.hpp"

#include <gtest/gtest.h>

#include "policy/channel_traits.hpp"

namespace axonhub::policy {
namespace {

using enum llm::effort_level;

/// Whether it reasons, thinks adaptively and samples: "?" is the type's business. Then its limit in
/// thousands.
std::string told(std::string_view model) {
  const auto facts = facts_of_model(model);
  const auto word = [](const std::optional<bool>& fact) { return !fact ? '?' : *fact ? 'y' : 'n'; };
  return std::string{word(facts.reasons), word(facts.adaptive_thinking), word(facts.sampling)} +
         (facts.needs_responses ? " responses" : "") + " " +
         std::to_string(facts.max_output_tokens.value_or(0) / 1000);
}

TEST(model_facts, are_told_by_the_name) {
  struct {
    std::string_view model, expected;
  } cases[] = {
      {"claude-3-haiku-20240307", "n?? 4"},
      {"claude-3-5-sonnet-20241022", "n?? 8"},
      {"us.anthropic.claude-3-5-sonnet-20240620-v1:0", "n?? 8"},
      {"anthropic/claude-3.5-haiku", "n?? 8"},
      {"claude-3-7-sonnet-20250219", "?n? 64"},
      {"claude-opus-4-20250514", "?n? 32"},
      {"claude-opus-4-0", "?n? 32"},
      {"claude-opus-4-1-20250805", "?n? 32"},
      {"claude-opus-4-5-20251101", "?n? 64"},
      {"anthropic/claude-opus-4.5", "?n? 64"},
      {"claude-sonnet-4-20250514", "?n? 64"},
      {"claude-sonnet-4@20250514", "?n? 64"},
      {"claude-sonnet-4-5", "?n? 64"},
      {"claude-haiku-4-5-20251001", "?n? 64"},
      {"claude-haiku-4-5", "?n? 64"},
      {"claude-sonnet-4-6", "??? 128"},
      {"claude-opus-4-7", "??n 128"},
      {"claude-opus-5-5", "??n 128"},
      {"claude-next", "??? 0"},
      {"gpt-3.5-turbo", "n?? 4"},
      {"gpt-4", "n?? 8"},
      {"gpt-4-turbo", "n?? 4"},
      {"openai/gpt-4o-mini", "n?? 16"},
      {"ft:gpt-4o-mini-2024-07-18:org::id", "n?? 16"},
      {"gpt-4.1", "n?? 32"},
      {"gpt-5-chat-latest", "n?? 16"},
      {"gpt-5", "??n 128"},
      {"gpt-5-mini", "??n 128"},
      {"gpt-5.1", "??? 128"},
      {"gpt-5.1-codex", "??n 128"},
      {"gpt-5-pro", "??n 272"},
      {"gpt-5.4", "??? responses 128"},
      {"gpt-5.6-terra", "??? responses 128"},
      {"gpt-5.10", "??? responses 128"},
      {"gpt-6", "??? responses 128"},
      {"gpt-oss-120b", "y?? 0"},
      {"o3", "??n 100"},
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

TEST(model_facts, tell_how_claudes_think_and_call) {
  using enum llm::thinking_off;
  const struct {
    std::string_view model;
    llm::thinking_off off;
    bool forced, thinks_when_forced, shows, pair, formats;
    llm::effort_level for_xhigh;
  } cases[] = {
      {"claude-3-5-haiku-latest", disabled, true, false, true, true, false, xhigh},
      {"claude-opus-4-0", disabled, true, false, true, false, false, xhigh},
      {"claude-opus-4-1", disabled, true, false, true, false, true, xhigh},
      {"claude-sonnet-4-5-20250929", disabled, true, false, true, false, true, xhigh},
      {"claude-opus-4-6", disabled, true, true, true, false, true, high},
      {"claude-opus-4.7", disabled, true, true, false, true, true, xhigh},
      {"claude-mythos-preview", never, true, true, false, true, true, high},
      {"claude-sonnet-5", disabled, true, true, false, true, true, xhigh},
      {"claude-opus-5-20260301", disabled, true, true, false, true, true, xhigh},
      {"claude-haiku-5-5", disabled, true, true, false, true, true, xhigh},
      {"claude-fable-5", never, true, true, false, true, true, xhigh},
      {"claude-mythos-5-1", never, false, true, false, true, true, xhigh},
      {"anthropic/claude-opus-5.5:beta", never, false, true, false, true, true, xhigh},
      {"us.anthropic.claude-sonnet-5-5-v1:0", between_tools, false, true, false, true, true, xhigh},
      {"claude-opus-6", never, false, true, false, true, true, xhigh},
  };
  auto c = channel{};
  c.type = "anthropic";
  for (const auto& row : cases) {
    SCOPED_TRACE(row.model);
    const auto traits = traits_of(c, std::string{row.model});
    EXPECT_EQ(traits.off, row.off);
    EXPECT_EQ(traits.forced_tools, row.forced);
    EXPECT_EQ(traits.thinks_when_forced, row.thinks_when_forced);
    EXPECT_EQ(traits.shows_thoughts, row.shows);
    EXPECT_EQ(traits.sampling_pair, row.pair);
    EXPECT_EQ(traits.json_schema, row.formats);
    EXPECT_EQ(traits.efforts.nearest(xhigh), row.for_xhigh);
    EXPECT_EQ(traits.efforts.nearest(max), max);
  }
}

TEST(model_facts, tell_which_fields_of_openais_a_model_knows) {
  const struct {
    std::string_view model;
    bool stops, verbosity;
  } cases[] = {
      {"gpt-4.1-mini", true, false},   {"gpt-5-chat-latest", true, false},
      {"o4-mini", false, false},       {"gpt-5", false, true},
      {"gpt-5.1-codex", false, false}, {"gpt-5.3-codex", false, true},
      {"gpt-5.5", false, true},        {"gpt-6-mini", false, true},
      {"other", true, true},
  };
  auto c = channel{};
  c.type = "openai";
  for (const auto& [model, stops, verbosity] : cases) {
    SCOPED_TRACE(model);
    EXPECT_EQ(traits_of(c, std::string{model}).stops, stops);
    EXPECT_EQ(traits_of(c, std::string{model}).verbosity, verbosity);
  }
}

TEST(traits, take_an_effort_where_a_servers_models_mostly_refuse_one_only_by_name) {
  auto c = channel{};
  for (const auto* const type : {"ollama", "groq"}) {
    c.type = type;
    EXPECT_FALSE(traits_of(c, "qwen2.5-coder:32b").reasons);
    EXPECT_TRUE(traits_of(c, "gpt-oss:20b").reasons);
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
      {"gpt-5.10", none, low, max},
      {"gpt-5.2", none, low, xhigh},
      {"gpt-5.2-pro", medium, medium, xhigh},
      {"gpt-5.3-codex", low, low, xhigh},
      {"gpt-5.4-mini", none, low, xhigh},
      {"gpt-5.5-pro", medium, medium, xhigh},
      {"gpt-5.6", none, low, max},
      {"gpt-6", none, low, max},
      {"gpt-oss-120b", low, low, high},
      {"anthropic/claude-opus-4.6", none, low, max},
      {"anthropic/claude-opus-5.5", low, low, max},
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
