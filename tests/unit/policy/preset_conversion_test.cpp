#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>

#include "llm/convert_request.hpp"
#include "llm/peek.hpp"
#include "policy/channel_traits.hpp"
#include "policy/channel_types.hpp"

/// What really reaches a provider: requests converted with the traits of a channel, as it is made.
namespace axonhub::policy {
namespace {

using llm::dialect;
using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct sent {
  json body;
  std::vector<std::string> dropped;
};

sent convert(dialect from, const json& request, const std::string& type, const std::string& model) {
  auto c = channel{};
  c.type = type;
  auto body = request.dump();
  body.reserve(body.size() + llm::body_padding);
  auto who = llm::request_identity{};
  who.upstream_model = model;
  who.end_user = "hash";
  auto out = llm::convert_request(from, body, traits_of(c, model), who);
  EXPECT_TRUE(out) << type << ": " << out.error().message;
  return out ? sent{json::parse(out->body), std::move(out->dropped)} : sent{};
}

json claude_request(const json& fields) {
  auto out = json{{"model", "m"},
                  {"max_tokens", 64000},
                  {"messages", json::array({{{"role", "user"}, {"content", "hi"}}})}};
  out.update(fields);
  return out;
}

json codex_request(const std::string& effort) {
  return {{"model", "m"},
          {"input", "hi"},
          {"reasoning", {{"effort", effort}, {"summary", "auto"}}},
          {"tools", json::array({{{"type", "function"},
                                  {"name", "run"},
                                  {"strict", false},
                                  {"parameters", {{"type", "object"}}}}})}};
}

json chat_request(const json& fields) {
  auto out =
      json{{"model", "m"}, {"messages", json::array({{{"role", "user"}, {"content", "hi"}}})}};
  out.update(fields);
  return out;
}

TEST(presets, convert_an_ordinary_request_for_every_type) {
  const auto tool = json{{"name", "run"}, {"input_schema", {{"type", "object"}}}};
  const auto request = claude_request({{"system", "be brief"},
                                       {"stream", true},
                                       {"tools", json::array({tool})},
                                       {"thinking", {{"type", "adaptive"}}},
                                       {"output_config", {{"effort", "medium"}}}});
  for (const auto& row : channel_types()) {
    SCOPED_TRACE(row.type);
    const auto type = std::string{row.type};
    const auto model = row.default_models.empty() ? "m" : std::string{row.default_models.front()};
    if (row.traits.speaks != dialect::anthropic) {
      EXPECT_EQ(convert(dialect::anthropic, request, type, model).body["model"], model);
    }
    if (row.traits.speaks != dialect::openai_responses) {
      EXPECT_EQ(convert(dialect::openai_responses, codex_request("medium"), type, model)
                    .body["tools"]
                    .size(),
                1u);
    }
    if (row.traits.speaks != dialect::openai_chat) {
      EXPECT_EQ(
          convert(dialect::openai_chat, chat_request(json::object()), type, model).body["model"],
          model);
    }
  }
}

TEST(presets, switch_thinking_off_as_each_provider_says_it) {
  const auto off = claude_request({{"thinking", {{"type", "disabled"}}}});
  const auto disabled = json{{"type", "disabled"}};
  struct {
    std::string type, model;
    json thinking, effort;
  } cases[] = {
      {"deepseek", "deepseek-chat", disabled, nullptr},
      {"moonshot", "kimi-k3", disabled, nullptr},
      {"zai", "glm-5", disabled, nullptr},
      {"openrouter", "qwen/qwen4", nullptr, "none"},
      {"openai", "gpt-5.5", nullptr, "none"},
      {"openai", "gpt-4o", nullptr, nullptr},
      {"mistral", "mistral-large", nullptr, nullptr},
      {"groq", "llama-3.3-70b-versatile", nullptr, nullptr},
  };
  for (const auto& [type, model, thinking, effort] : cases) {
    SCOPED_TRACE(type + " " + model);
    const auto out = convert(dialect::anthropic, off, type, model);
    EXPECT_EQ(out.body.value("thinking", json{}), thinking);
    EXPECT_EQ(out.body.value("reasoning_effort", json{}), effort);
    EXPECT_THAT(out.dropped, Not(Contains("effort")));
  }
  const auto on = claude_request(
      {{"thinking", {{"type", "adaptive"}}}, {"output_config", {{"effort", "high"}}}});
  const auto asked = convert(dialect::anthropic, on, "deepseek", "deepseek-chat");
  EXPECT_FALSE(asked.body.contains("thinking"));
  EXPECT_THAT(asked.dropped, Contains("effort"));
}

TEST(presets, think_as_the_claude_at_the_other_end_does) {
  struct {
    std::string model, thinking;
  } cases[] = {
      {"claude-opus-5-5", "adaptive"},           {"claude-haiku-4-5", "enabled"},
      {"claude-sonnet-4-5-20250929", "enabled"}, {"claude-opus-4-1", "enabled"},
      {"claude-3-7-sonnet-latest", "enabled"},   {"claude-3-5-haiku-latest", ""},
  };
  for (const auto& [model, thinking] : cases) {
    SCOPED_TRACE(model);
    const auto out =
        convert(dialect::openai_responses, codex_request("medium"), "anthropic", model);
    EXPECT_EQ(out.body.value("thinking", json::object()).value("type", ""), thinking);
    EXPECT_EQ(out.body.contains("output_config"), thinking == "adaptive");
    if (thinking == "enabled") {
      EXPECT_GT(out.body["max_tokens"], out.body["thinking"]["budget_tokens"]);
    }
    EXPECT_GE(out.body["max_tokens"], model.starts_with("claude-3-5") ? 8192 : 32000);
    EXPECT_LE(out.body["max_tokens"], model == "claude-opus-4-1" ? 32000 : 64000);
  }
}

TEST(presets, give_up_the_effort_where_openais_chat_takes_no_tools_with_it) {
  const auto out = convert(dialect::openai_responses, codex_request("medium"), "openai", "gpt-5.5");
  EXPECT_EQ(out.body["reasoning_effort"], "none");
  EXPECT_THAT(out.dropped, Contains("effort"));
  auto unsaid = codex_request("medium");
  unsaid.erase("reasoning");
  const auto silent = convert(dialect::openai_responses, unsaid, "openai", "gpt-5.5");
  EXPECT_EQ(silent.body["reasoning_effort"], "none") << "the model's own default is refused too";
  EXPECT_THAT(silent.dropped, Not(Contains("effort")));
  auto alone = codex_request("medium");
  alone.erase("tools");
  for (const auto& [request, type, model] :
       {std::tuple{alone, "openai", "gpt-5.5"},
        std::tuple{codex_request("medium"), "openai", "gpt-5.1"},
        std::tuple{codex_request("medium"), "openrouter", "openai/gpt-5.5"}}) {
    const auto kept = convert(dialect::openai_responses, request, type, model);
    EXPECT_EQ(kept.body["reasoning_effort"], "medium") << type << " " << model;
    EXPECT_THAT(kept.dropped, Not(Contains("effort")));
  }
}

TEST(presets, ask_third_parties_for_a_schema_in_words) {
  const auto schema = json{{"type", "object"},
                           {"properties", {{"a", {{"type", "string"}}}}},
                           {"required", {"a"}},
                           {"additionalProperties", false}};
  const auto request = chat_request(
      {{"response_format",
        {{"type", "json_schema"}, {"json_schema", {{"name", "n"}, {"schema", schema}}}}}});
  const auto own = convert(dialect::openai_chat, request, "anthropic", "claude-opus-5-5").body;
  EXPECT_EQ(own["output_config"]["format"]["schema"], schema);
  for (const auto* type : {"zai_anthropic", "moonshot_anthropic", "deepseek_anthropic"}) {
    const auto other = convert(dialect::openai_chat, request, type, "m").body;
    EXPECT_FALSE(other.contains("output_config")) << type;
    EXPECT_THAT(other["system"].dump(), HasSubstr("additionalProperties")) << type;
  }
}

TEST(presets, tell_mistral_nothing_that_it_does_not_know) {
  const auto call = json{{"type", "tool_use"},
                         {"id", "toolu_01A09q90qw90lq917835lq9"},
                         {"name", "run"},
                         {"input", json::object()}};
  const auto result = json{{"type", "tool_result"}, {"tool_use_id", call["id"]}, {"content", "r"}};
  auto request = claude_request({{"thinking", {{"type", "adaptive"}}},
                                 {"output_config", {{"effort", "high"}}},
                                 {"stream", true}});
  request["messages"].push_back({{"role", "assistant"}, {"content", json::array({call})}});
  request["messages"].push_back({{"role", "user"}, {"content", json::array({result})}});
  const auto out = convert(dialect::anthropic, request, "mistral", "mistral-large").body;
  for (const auto& [name, value] : out.items())
    EXPECT_THAT((std::set<std::string>{"model", "messages", "max_tokens", "stream"}),
                Contains(name));
  const auto id = out["messages"][1]["tool_calls"][0]["id"].get<std::string>();
  EXPECT_THAT(id, testing::MatchesRegex("[a-zA-Z0-9]{9}"));
  EXPECT_EQ(out["messages"][2]["tool_call_id"], id);
}

TEST(presets, keep_the_order_of_roles_that_mistral_demands) {
  const auto call =
      json{{"type", "tool_use"}, {"id", "1"}, {"name", "run"}, {"input", json::object()}};
  const auto result = json{{"type", "tool_result"}, {"tool_use_id", "1"}, {"content", "r"}};
  const auto more = json{{"type", "text"}, {"text", "and now?"}};
  auto request = claude_request(json::object());
  request["messages"] = json::array({{{"role", "user"}, {"content", "x"}},
                                     {{"role", "system"}, {"content", "mind the gap"}},
                                     {{"role", "assistant"}, {"content", json::array({call})}},
                                     {{"role", "user"}, {"content", json::array({result, more})}}});
  const auto roles = [&request](const std::string& type) {
    auto out = std::string{};
    const auto converted = convert(dialect::anthropic, request, type, "m").body;
    for (const auto& m : converted["messages"])
      out += m["role"].get<std::string>() + " ";
    return out;
  };
  EXPECT_EQ(roles("mistral"), "user assistant tool assistant user ");
  EXPECT_EQ(roles("groq"), "user system assistant tool user ");
}

TEST(presets, let_claude_cache_what_codex_sends) {
  auto request = codex_request("low");
  const auto said = [](const std::string& role, const std::string& text) {
    return json{{"type", "message"}, {"role", role}, {"content", text}};
  };
  request["instructions"] = "be brief";
  request["input"] =
      json::array({said("user", "one"), said("assistant", "two"), said("user", "three"),
                   said("assistant", "four"), said("user", "five")});
  const auto mark = json{{"type", "ephemeral"}};
  const auto body =
      convert(dialect::openai_responses, request, "anthropic", "claude-opus-5-5").body;
  EXPECT_EQ(body["system"].back()["cache_control"], mark);
  EXPECT_EQ(body["messages"][4]["content"].back()["cache_control"], mark);
  EXPECT_EQ(body["messages"][2]["content"].back()["cache_control"], mark);
  EXPECT_FALSE(body["messages"][0]["content"].back().contains("cache_control"));
  const auto third = convert(dialect::openai_responses, request, "zai_anthropic", "glm-5").body;
  EXPECT_THAT(third.dump(), Not(HasSubstr("cache_control")));

  auto marked = json{
      {"type", "text"}, {"text", "hi"}, {"cache_control", {{"type", "ephemeral"}, {"ttl", "1h"}}}};
  const auto own = convert(
      dialect::openai_chat,
      chat_request(
          {{"messages", json::array({{{"role", "system"}, {"content", "s"}},
                                     {{"role", "user"}, {"content", json::array({marked})}}})}}),
      "anthropic", "claude-opus-5-5");
  EXPECT_FALSE(own.body["system"].back().contains("cache_control")) << "the client's marks count";
  EXPECT_EQ(own.body["messages"][0]["content"][0], marked);
}

} // namespace
} // namespace axonhub::policy
