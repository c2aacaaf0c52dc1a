#include "policy/fitting.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "policy/channel_traits.hpp"

namespace axonhub::policy {
namespace {

candidate small(std::string id, std::uint64_t tokens, std::uint32_t fallback = 0) {
  return {.channel = {std::move(id)}, .fallback = fallback, .can = {.max_context_tokens = tokens}};
}

candidate without_images(std::string id) {
  return {.channel = {std::move(id)}, .can = {.images = false}};
}

candidate with_tools(std::string id, std::vector<std::string> tools) {
  return {.channel = {std::move(id)},
          .can = {.all_server_tools = false, .server_tools = std::move(tools)}};
}

candidate speaking(llm::dialect d, std::string id) {
  return {.channel = {std::move(id)}, .can = {.speaks = d}};
}

candidate unlimited(std::string id) { return {.channel = {std::move(id)}}; }

/// "kept | refused:reason", as the ids stand.
std::string fitted(const std::vector<candidate>& candidates, const request_needs& needs) {
  const auto out = fit(candidates, needs);
  auto text = std::string{};
  for (const auto i : out.kept)
    text += candidates[i].channel.text + " ";
  text += "|";
  for (const auto& r : out.refused)
    text += " " + r.channel.text + ":" + std::string{to_text(r.why)};
  return text;
}

TEST(fitting, leaves_out_who_cannot_while_another_can) {
  using enum llm::dialect;
  struct {
    std::string_view name;
    std::vector<candidate> candidates;
    request_needs needs;
    std::string_view expected;
  } cases[] = {
      {"nothing is said", {unlimited("a"), unlimited("b")}, {.tokens = 1'000'000}, "a b |"},
      {"a large context finds who takes it",
       {small("a", 200'000), unlimited("b"), small("c", 1'000'000)},
       {.tokens = 300'000},
       "b c | a:context_too_small"},
      {"exactly full fits",
       {small("a", 300'000), small("b", 1)},
       {.tokens = 300'000},
       "a | b:context_too_small"},
      {"too large for all: the largest, for an estimate may be wrong",
       {small("a", 10), small("b", 30), small("c", 30)},
       {.tokens = 31},
       "b c | a:context_too_small"},
      {"images",
       {without_images("a"), unlimited("b")},
       {.images = true},
       "b | a:capability_missing"},
      {"images that nobody takes", {without_images("a")}, {.images = true}, "a |"},
      {"no images", {without_images("a"), unlimited("b")}, {}, "a b |"},
      {"a server tool of any date",
       {with_tools("a", {}), with_tools("b", {"web_search"}), unlimited("c")},
       {.server_tools = {"web_search_20250305"}},
       "b c | a:capability_missing"},
      {"a tool whose name only begins alike",
       {with_tools("a", {"web"}), with_tools("b", {"website_20250305"})},
       {.server_tools = {"website_20250305"}},
       "b | a:capability_missing"},
      {"two of two",
       {with_tools("a", {"bash"}), with_tools("b", {"bash", "web_search"})},
       {.server_tools = {"bash_1", "web_search_1"}},
       "b | a:capability_missing"},
      {"Anthropic's tools are not at OpenAI",
       {speaking(openai_responses, "a"), speaking(anthropic, "b")},
       {.server_tools = {"web_search_20250305"}},
       "b | a:capability_missing"},
      {"whatever Anthropic calls a tool",
       {speaking(openai_responses, "a"), speaking(openai_chat, "b"), speaking(anthropic, "c")},
       {.server_tools = {"bash_20250124"}},
       "c | a:capability_missing b:capability_missing"},
      {"OpenAI's tools are not at Anthropic",
       {speaking(anthropic, "a"), speaking(openai_responses, "b")},
       {.dialect = openai_responses, .server_tools = {"web_search", "file_search"}},
       "b | a:capability_missing"},
      {"a search of a Responses client may be made by Anthropic",
       {speaking(anthropic, "a"), speaking(openai_responses, "b"), speaking(openai_chat, "c")},
       {.dialect = openai_responses, .server_tools = {"web_search"}},
       "a b | c:capability_missing"},
      {"the operator's list is of the channel's own dialect",
       {{.channel = {"a"},
         .can = {.speaks = openai_chat, .all_server_tools = false, .server_tools = {"web_search"}}},
        with_tools("b", {"web_search"})},
       {.server_tools = {"web_search_20250305"}},
       "b | a:capability_missing"},
      {"tools that nobody has refuse nobody",
       {speaking(openai_responses, "a"), speaking(openai_chat, "b")},
       {.server_tools = {"web_search_20250305"}},
       "a b |"},
      {"without such tools every dialect does",
       {speaking(openai_responses, "a"), speaking(anthropic, "b")},
       {},
       "a b |"},
      {"each model of a chain for itself",
       {small("a", 10), unlimited("b"), small("c", 10, 1), small("d", 20, 1)},
       {.tokens = 15},
       "b d | a:context_too_small c:context_too_small"},
  };
  for (const auto& [name, candidates, needs, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(fitted(candidates, needs), expected);
  }
}

TEST(room_for_answer, is_what_the_prompt_leaves_of_the_window) {
  struct {
    std::uint64_t context, prompt;
    std::optional<std::uint64_t> expected;
  } cases[] = {
      {200'000, 0, 200'000},
      {200'000, 100'000, 90'000},
      {200'000, 180'000, 2'000},
      {200'000, 181'000, std::nullopt},
      {200'000, 300'000, std::nullopt},
      {100, 10, std::nullopt},
  };
  for (const auto& [context, prompt, expected] : cases)
    EXPECT_EQ(room_for_answer(context, prompt), expected) << prompt;
}

TEST(capability, is_of_the_exact_name_before_a_pattern) {
  auto c = channel{};
  c.type = "anthropic";
  c.model_capabilities = {{.model = "claude-.*", .max_context_tokens = 200'000, .images = false},
                          {.model = "claude-sonnet", .max_context_tokens = 1'000'000}};
  EXPECT_EQ(capability_of(c, "claude-sonnet").max_context_tokens, 1'000'000u);
  EXPECT_TRUE(capability_of(c, "claude-sonnet").images);
  EXPECT_EQ(capability_of(c, "claude-opus").max_context_tokens, 200'000u);
  EXPECT_FALSE(capability_of(c, "claude-opus").images);
  EXPECT_FALSE(capability_of(c, "gpt").is_limited());
}

TEST(capability, has_server_tools_in_the_dialect_that_its_type_speaks) {
  struct {
    std::string_view type;
    llm::dialect speaks;
    bool all_server_tools;
  } cases[] = {{"anthropic", llm::dialect::anthropic, true},
               {"claude-code", llm::dialect::anthropic, true},
               {"zai_anthropic", llm::dialect::anthropic, false},
               {"openai", llm::dialect::openai_chat, false},
               {"openai-responses", llm::dialect::openai_responses, true}};
  for (const auto& [type, speaks, all_server_tools] : cases) {
    SCOPED_TRACE(type);
    auto c = channel{};
    c.type = type;
    EXPECT_EQ(capability_of(c, "m").speaks, speaks);
    EXPECT_EQ(capability_of(c, "m").all_server_tools, all_server_tools);
  }
}

TEST(capability, knows_which_tools_run_where_the_client_is) {
  for (const auto* type : {"namespace", "local_shell", "shell", "apply_patch", "tool_search"})
    EXPECT_TRUE(runs_at_the_client(type)) << type;
  for (const auto* type : {"web_search", "web_search_20250305", "file_search", "bash_20250124"})
    EXPECT_FALSE(runs_at_the_client(type)) << type;
}

TEST(traits, are_the_types_unless_the_operator_says_otherwise) {
  auto c = channel{};
  c.type = "anthropic";
  EXPECT_TRUE(traits_of(c, "m").is_anthropic);
  EXPECT_EQ(traits_of(c, "m").billing, llm::billing_line::keep);
  c.compatibility.billing_line = llm::billing_line::drop;
  c.compatibility.late_system = false;
  c.model_capabilities = {{.model = "m", .max_output_tokens = 8192}};
  const auto traits = traits_of(c, "m");
  EXPECT_EQ(traits.billing, llm::billing_line::drop);
  EXPECT_FALSE(traits.late_system);
  EXPECT_EQ(traits.max_output_tokens, 8192u);
  EXPECT_EQ(traits_of(c, "n").max_output_tokens, std::nullopt);
}

} // namespace
} // namespace axonhub::policy
