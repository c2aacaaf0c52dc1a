#include "tests/unit/llm/converting.hpp"

#include <random>

namespace axonhub::llm {
namespace {

/// Histories of every odd kind that clients have sent, each from one seed.
class history_maker {
public:
  explicit history_maker(std::uint32_t seed) : random_(seed) {}

  json make(dialect d) {
    auto all = json::array();
    const auto count = pick(12) + 1;
    for (auto i = 0u; i < count; ++i)
      if (d == anthropic)
        all.push_back(anthropic_message());
      else if (d == chat)
        all.push_back(chat_message());
      else
        all.push_back(item());
    all.push_back(d == responses ? json{{"role", "user"}, {"content", "end"}} : user("end"));
    auto body = json{{"model", "m"}, {"stream", pick(2) == 0}};
    body[d == responses ? "input" : "messages"] = all;
    if (d == anthropic)
      body["max_tokens"] = 1 + pick(200000);
    if (pick(2) == 0)
      add_options(d, body);
    return body;
  }

  upstream_traits make_upstream(dialect d) {
    auto to = upstream(d);
    to.max_output_tokens = 1024 + pick(64000);
    to.images = pick(4) != 0;
    to.files = pick(2) == 0;
    to.reasons = pick(4) != 0;
    to.adaptive_thinking = pick(2) == 0;
    to.reasoning = static_cast<reasoning_form>(pick(3));
    to.late_system = pick(2) == 0;
    to.text_parts = pick(2) == 0;
    to.json_schema = pick(2) == 0;
    to.developer_role = pick(2) == 0;
    to.cache_control = pick(2) == 0;
    to.cache_marks = pick(2) == 0;
    to.thinking_switch = pick(2) == 0;
    to.effort_beside_tools = pick(2) == 0;
    to.short_ids = pick(4) == 0;
    to.thoughts = pick(4) != 0;
    return to;
  }

private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::string words() {
    static const std::string all[] = {"",
                                      " ",
                                      "\n",
                                      "word",
                                      "a \"quoted\" \\ text\n",
                                      "Grüße 🎈",
                                      "<system-reminder>x</system-reminder>",
                                      "\u0001"};
    return all[pick(std::size(all))];
  }
  /// Few, so that they meet; some are no fit ids.
  std::string id() {
    static const std::string all[] = {"a", "b", "c", "call_1|x", std::string(50, 'i'), ""};
    return all[pick(std::size(all))];
  }
  std::string name() {
    static const std::string all[] = {"run", "read", std::string(70, 'n'), "mcp.tool", "a b"};
    return all[pick(std::size(all))];
  }
  std::string arguments() {
    static const std::string all[] = {"", "{}", R"({"a":[1,{"b":"\"x\""}]})", "{\"a\":", "7"};
    return all[pick(std::size(all))];
  }

  json anthropic_block(bool is_user, int level = 0) {
    switch (pick(level == 0 ? 7 : 3)) {
      case 0:
        return image();
      case 1:
        return {{"type", "unknown"}};
      case 3:
      case 4:
        if (is_user)
          return {{"type", "tool_result"},
                  {"tool_use_id", id()},
                  {"is_error", pick(2) == 0},
                  {"content", pick(2) == 0 ? json(words())
                                           : json::array({anthropic_block(true, 1),
                                                          anthropic_block(true, 1)})}};
        return {{"type", "tool_use"}, {"id", id()}, {"name", name()}, {"input", {{"n", pick(9)}}}};
      case 5:
        return {{"type", "thinking"},
                {"thinking", words()},
                {"signature", pick(2) == 0 ? "gwr1.rs_1.E" : words()}};
      case 6:
        return {{"type", "redacted_thinking"}, {"data", "d"}};
      default:
        return text(words());
    }
  }

  json anthropic_message() {
    const auto role = pick(5);
    if (role == 0)
      return {{"role", "system"}, {"content", pick(2) == 0 ? json(words()) : json::array()}};
    auto blocks = json::array();
    const auto count = pick(4);
    for (auto i = 0u; i < count; ++i)
      blocks.push_back(anthropic_block(role < 3));
    return {{"role", role < 3 ? "user" : "assistant"}, {"content", blocks}};
  }

  json chat_message() {
    switch (pick(5)) {
      case 0:
        return {{"role", "system"}, {"content", words()}};
      case 1:
        return chat_result(id(), words());
      case 2:
        return chat_call(id(), arguments(), name());
      case 3:
        return {{"role", "assistant"}, {"content", words()}, {"reasoning_content", words()}};
      default:
        return user(
            {text(words()), {{"type", "image_url"}, {"image_url", {{"url", "https://a/b"}}}}});
    }
  }

  json item() {
    switch (pick(7)) {
      case 0:
        if (pick(4) == 0)
          return {{"role", "developer"},
                  {"content", list({{{"type", "input_image"}, {"image_url", "https://a"}}})}};
        return {{"role", "developer"}, {"content", words()}};
      case 1:
        return {{"type", "function_call_output"}, {"call_id", id()}, {"output", words()}};
      case 2:
        return {{"type", "function_call"},
                {"call_id", id()},
                {"name", name()},
                {"arguments", arguments()}};
      case 3:
        return {{"type", "reasoning"},
                {"id", "rs"},
                {"summary", json::array()},
                {"encrypted_content", pick(2) == 0 ? "gwa1.s:c2ln" : "E"}};
      case 4:
        return {
            {"type", "custom_tool_call"}, {"call_id", id()}, {"name", name()}, {"input", words()}};
      case 5:
        return {{"role", "assistant"},
                {"content", list({{{"type", "output_text"}, {"text", words()}}})}};
      default:
        return {
            {"role", "user"},
            {"content",
             json::array(
                 {{{"type", "input_text"}, {"text", words()}},
                  {{"type", "input_image"}, {"image_url", "https://a"}, {"detail", "original"}}})}};
    }
  }

  void add_options(dialect d, json& body) {
    body["temperature"] = 0.5;
    const auto schema = json{{"$schema", "x"}, {"type", "object"}};
    if (d == anthropic) {
      body["tools"] = list({anthropic_tool(name(), schema)});
      body["tool_choice"] = {{"type", "any"}};
      body["thinking"] = {{"type", "enabled"}, {"budget_tokens", pick(40000)}};
    } else if (d == chat) {
      body["tools"] =
          list({{{"type", "function"}, {"function", {{"name", name()}, {"parameters", schema}}}}});
      body["reasoning_effort"] = pick(2) == 0 ? "high" : "low";
      body["parallel_tool_calls"] = false;
    } else {
      body["tools"] = json::array({{{"type", "custom"}, {"name", name()}},
                                   {{"type", "namespace"},
                                    {"name", "s"},
                                    {"tools", list({{{"type", "function"}, {"name", name()}}})}}});
      body["reasoning"] = {{"effort", "medium"}};
    }
  }

  std::mt19937 random_;
};

TEST(convert_request, makes_sound_requests_of_any_history) {
  constexpr auto dialects = std::array{anthropic, chat, responses};
  for (auto seed = 1u; seed <= 300; ++seed)
    for (const auto from : dialects)
      for (const auto to : dialects) {
        if (from == to)
          continue;
        auto maker = history_maker{seed};
        const auto body = maker.make(from);
        const auto traits = maker.make_upstream(to);
        const auto out = convert(from, body.dump(), traits);
        ASSERT_TRUE(out) << "seed " << seed << ": " << out.error().message;
        const auto parsed = json::parse(out->body, nullptr, false);
        ASSERT_FALSE(parsed.is_discarded()) << "seed " << seed << "\n" << out->body;
        ASSERT_THAT(broken_rules(to, parsed), testing::IsEmpty())
            << "seed " << seed << " from " << to_text(from) << "\n"
            << body.dump(2) << "\nto " << to_text(to) << "\n"
            << parsed.dump(2);
      }
}

TEST(convert_request, survives_every_truncation) {
  for (const auto from : {anthropic, chat, responses}) {
    const auto body = request(from).dump() + " ";
    const auto other = from == chat ? anthropic : chat;
    for (auto size = std::size_t{0}; size + 1 < body.size(); ++size)
      EXPECT_FALSE(convert(from, std::string_view{body}.substr(0, size), upstream(other)));
  }
}

} // namespace
} // namespace axonhub::llm
