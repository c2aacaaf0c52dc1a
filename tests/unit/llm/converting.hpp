#pragma once

#include "llm/convert_request.hpp"
#include "tests/unit/llm/padded.hpp"
#include "tests/unit/llm/request_rules.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

/// How the tests of request conversion speak.
namespace axonhub::llm {

using nlohmann::json;

constexpr auto anthropic = dialect::anthropic;
constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;

inline upstream_traits upstream(dialect d) {
  auto to = upstream_traits{};
  to.speaks = d;
  to.is_anthropic = d == anthropic;
  if (d == anthropic)
    to.efforts = {effort_level::low, effort_level::max};
  return to;
}

inline request_identity identity() {
  auto who = request_identity{};
  who.upstream_model = "upstream-model";
  who.client_model = "client-model";
  who.answer_id = "id_1";
  who.created = 1795330000;
  return who;
}

inline checked<converted_request> convert(dialect from, std::string_view body,
                                          const upstream_traits& to) {
  return convert_request(from, padded(body), to, identity());
}

/// The converted body, which must be sound.
inline json converted(dialect from, const json& body, const upstream_traits& to) {
  const auto out = convert(from, body.dump(), to);
  EXPECT_TRUE(out) << out.error().message << "\n" << body.dump(2);
  if (!out)
    return {};
  const auto parsed = json::parse(out->body, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << out->body;
  EXPECT_THAT(broken_rules(to.speaks, parsed), testing::IsEmpty()) << parsed.dump(2);
  return parsed;
}

inline json converted(dialect from, const json& body, dialect to) {
  return converted(from, body, upstream(to));
}

inline std::string refusal(dialect from, const json& body, const upstream_traits& to) {
  const auto out = convert(from, body.dump(), to);
  EXPECT_FALSE(out) << out->body;
  if (out)
    return {};
  EXPECT_EQ(out.error().code, errc::invalid_argument);
  return out.error().message;
}

inline std::string refusal(dialect from, const json& body, dialect to) {
  return refusal(from, body, upstream(to));
}

inline std::vector<std::string> dropped(dialect from, const json& body, const upstream_traits& to) {
  return convert(from, body.dump(), to).value().dropped;
}

/// A small request of a dialect with these fields on top.
inline json request(dialect d, const json& fields = json::object()) {
  auto out = json{{"model", "m"}};
  if (d == responses) {
    out["input"] = "hello";
  } else {
    out["messages"] = json::array({{{"role", "user"}, {"content", "hello"}}});
    if (d == anthropic)
      out["max_tokens"] = 100;
  }
  out.update(fields);
  return out;
}

/// A list of these, even of one: braces alone would copy it.
inline json list(std::initializer_list<json> entries) {
  auto all = json::array();
  for (const auto& e : entries)
    all.push_back(e);
  return all;
}

inline json user(const json& content) { return {{"role", "user"}, {"content", content}}; }
inline json assistant(const json& content) { return {{"role", "assistant"}, {"content", content}}; }
inline json user(std::initializer_list<json> blocks) { return user(list(blocks)); }
inline json assistant(std::initializer_list<json> blocks) { return assistant(list(blocks)); }
inline json text(const std::string& text) { return {{"type", "text"}, {"text", text}}; }
inline json tool_use(const std::string& id, const json& input = json::object()) {
  return {{"type", "tool_use"}, {"id", id}, {"name", "run"}, {"input", input}};
}
inline json tool_result(const std::string& id, const json& content) {
  return {{"type", "tool_result"}, {"tool_use_id", id}, {"content", content}};
}
inline json tool_result(const std::string& id, std::initializer_list<json> blocks) {
  return tool_result(id, list(blocks));
}
inline json image() {
  return {{"type", "image"},
          {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBORw0KGgo="}}}};
}
inline json chat_call(const std::string& id, const std::string& arguments,
                      const std::string& name = "run") {
  return {
      {"role", "assistant"},
      {"content", nullptr},
      {"tool_calls", json::array({{{"id", id},
                                   {"type", "function"},
                                   {"function", {{"name", name}, {"arguments", arguments}}}}})}};
}
inline json chat_result(const std::string& id, const json& content) {
  return {{"role", "tool"}, {"tool_call_id", id}, {"content", content}};
}
inline json anthropic_tool(const std::string& name, const json& schema = {{"type", "object"}}) {
  return {{"name", name}, {"input_schema", schema}};
}

inline json messages(std::initializer_list<json> list) {
  auto all = json::array();
  for (const auto& m : list)
    all.push_back(m);
  return {{"messages", all}};
}

} // namespace axonhub::llm
