#include "tests/unit/llm/request_rules.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

namespace axonhub::llm {
namespace {

using nlohmann::json;

class rule_book {
public:
  std::vector<std::string> broken;

  void demand(bool holds, const std::string& rule) {
    if (!holds)
      broken.push_back(rule);
  }

  // --- all ---

  void tool_name(const json& name) {
    static const auto fit = std::regex{"^[a-zA-Z0-9_-]{1,64}$"};
    demand(name.is_string() && std::regex_match(name.get<std::string>(), fit),
           "a tool's name is fit: " + name.dump());
  }

  void schema(const json& schema) {
    demand(schema.is_object() && !schema.contains("$schema") && schema.contains("type"),
           "a tool's schema has a type and no $schema: " + schema.dump());
  }

  void tools(const json& request, auto&& to_function) {
    if (!request.contains("tools")) {
      demand(!request.contains("tool_choice") && !request.contains("parallel_tool_calls"),
             "choices only among tools");
      return;
    }
    demand(!request["tools"].empty(), "no empty list of tools");
    auto names = std::set<json>{};
    for (const auto& entry : request["tools"]) {
      const auto& f = to_function(entry);
      tool_name(f["name"]);
      demand(names.insert(f["name"]).second, "tools of different names");
      schema(f.contains("parameters") ? f["parameters"] : f["input_schema"]);
    }
    if (const auto chosen = chosen_name(request.value("tool_choice", json{})); !chosen.is_null())
      demand(names.contains(chosen), "the chosen tool is there: " + chosen.dump());
  }

  /// Of whichever dialect.
  static json chosen_name(const json& choice) {
    if (!choice.is_object())
      return {};
    return choice.contains("function") ? choice["function"]["name"] : choice.value("name", json{});
  }

  void detail(const json& holder, std::initializer_list<std::string_view> known) {
    const auto given = holder.value("detail", std::string{"auto"});
    demand(std::ranges::find(known, given) != known.end(), "a detail of the dialect's: " + given);
  }

  // --- Chat ---

  void chat(const json& request) {
    auto open = std::set<json>{};
    for (const auto& m : request["messages"]) {
      const auto role = m["role"].get<std::string>();
      if (role == "tool") {
        demand(open.erase(m["tool_call_id"]) == 1, "a tool message answers an open call");
        chat_result(m["content"]);
        continue;
      }
      demand(open.empty(), "nothing between calls and their tool messages");
      if (role == "assistant")
        chat_assistant(m, open);
      else
        chat_content(m["content"]);
    }
    demand(open.empty(), "every call is answered");
    tools(request, [](const json& t) -> const json& { return t["function"]; });
    demand(!(request.contains("max_tokens") && request.contains("max_completion_tokens")),
           "one limit");
    demand(request.value("stop", json::array()).size() <= 4, "four stops");
    demand(!request.contains("stream_options") || request.value("stream", false),
           "stream_options in streams only");
  }

  void chat_result(const json& content) {
    if (content.is_string())
      return demand(content != "", "a tool message is not empty");
    demand(content.is_array() && !content.empty(), "a tool message has text");
    for (const auto& p : content)
      demand(p["type"] == "text" && p["text"] != "" && p.contains("cache_control"),
             "parts of a tool message are texts, and there to be marked");
  }

  void chat_assistant(const json& m, std::set<json>& open) {
    const auto has_calls = m.contains("tool_calls");
    demand(has_calls || (m["content"].is_string() && m["content"] != ""),
           "an assistant says something");
    if (!has_calls)
      return;
    demand(!m["tool_calls"].empty(), "no empty list of calls");
    for (const auto& call : m["tool_calls"]) {
      demand(call["id"].get<std::string>().size() <= 40 && call["id"] != "", "an id is fit");
      demand(open.insert(call["id"]).second, "calls have different ids");
      tool_name(call["function"]["name"]);
      demand(call["function"]["arguments"].is_string(), "arguments are text");
    }
  }

  void chat_content(const json& content) {
    if (content.is_string())
      return demand(content != "", "a text is not empty");
    demand(content.is_array() && !content.empty(), "content has parts");
    for (const auto& p : content) {
      demand(p["type"] == "text" || p["type"] == "image_url" || p["type"] == "file",
             "a part of a known type");
      if (p["type"] == "image_url")
        detail(p["image_url"], {"auto", "low", "high"});
    }
  }

  // --- Anthropic ---

  void anthropic(const json& request) {
    auto last = std::string{"assistant"};
    auto open = std::set<json>{};
    demand(!request["messages"].empty(), "there are messages");
    for (const auto& m : request["messages"]) {
      const auto role = m["role"].get<std::string>();
      demand(role != last, "roles alternate, the user begins");
      last = role;
      demand(m["content"].is_array() && !m["content"].empty(), "content has blocks");
      anthropic_blocks(m["content"], role, open);
      const auto last_type = m["content"].back()["type"];
      demand(last_type != "thinking" && last_type != "redacted_thinking",
             "a message does not end with a thought");
      demand(role == "assistant" || open.empty(), "every call is answered at once");
    }
    demand(last == "user", "the user has the last word");
    demand(open.empty(), "every call is answered");
    tools(request, [](const json& t) -> const json& { return t; });
    demand(request["max_tokens"].is_number_unsigned() && request["max_tokens"] > 0,
           "there is a limit");
    if (request.contains("thinking") && request["thinking"]["type"] == "enabled") {
      const auto& budget = request["thinking"]["budget_tokens"];
      demand(budget >= 1024 && budget < request["max_tokens"], "a budget within the limit");
      demand(!request.contains("temperature"), "no temperature with thinking");
    }
  }

  void anthropic_blocks(const json& blocks, const std::string& role, std::set<json>& open) {
    static const auto fit = std::regex{"^[a-zA-Z0-9_-]+$"};
    auto only_results = true;
    for (const auto& b : blocks) {
      const auto type = b["type"].get<std::string>();
      if (type == "tool_result") {
        demand(role == "user" && only_results, "results come first");
        demand(open.erase(b["tool_use_id"]) == 1, "a result answers an open call");
        continue;
      }
      only_results = false;
      if (type == "tool_use") {
        demand(role == "assistant" && b["input"].is_object(), "arguments are an object");
        demand(std::regex_match(b["id"].get<std::string>(), fit), "an id is fit");
        demand(open.insert(b["id"]).second && seen_.insert(b["id"]).second,
               "calls have different ids in the whole conversation");
        tool_name(b["name"]);
      } else if (type == "text") {
        const auto text = b["text"].get<std::string>();
        demand(text.find_first_not_of(" \t\r\n") != std::string::npos, "a text says something");
      } else if (type == "thinking") {
        demand(role == "assistant" && b["signature"] != "", "a thought is signed");
      }
    }
  }

  std::set<json> seen_; ///< The ids of all calls so far.

  // --- Responses ---

  void responses(const json& request) {
    auto open = std::set<json>{};
    const json* before = nullptr;
    demand(!request["input"].empty(), "there is input");
    for (const auto& item : request["input"]) {
      const auto type = item["type"].get<std::string>();
      if (before && (*before)["type"] == "reasoning")
        demand(
            type == "function_call" || type == "reasoning" || item.value("role", "") == "assistant",
            "thoughts are followed by what came of them");
      before = &item;
      if (type == "function_call_output") {
        demand(open.erase(item["call_id"]) == 1, "an output answers an open call");
        demand(item["output"].is_array() || item["output"].is_string(), "an output has content");
      } else if (type == "function_call") {
        demand(open.insert(item["call_id"]).second, "calls have different ids");
        demand(item["call_id"].get<std::string>().size() <= 64 && item["call_id"] != "",
               "an id is fit");
        tool_name(item["name"]);
        demand(item["arguments"].is_string(), "arguments are text");
      } else if (type == "message") {
        demand(!item["content"].empty(), "content has parts");
        for (const auto& p : item["content"])
          detail(p, {"auto", "low", "high", "original"});
        demand(item["role"] == "assistant" || open.empty(), "calls are answered at once");
      }
    }
    demand(!before || (*before)["type"] != "reasoning", "thoughts do not end the input");
    demand(open.empty(), "every call is answered");
    tools(request, [](const json& t) -> const json& { return t; });
    demand(request["store"] == false, "nothing is stored");
    demand(!request.contains("stop"), "Responses knows no stops");
    demand(request.value("max_output_tokens", 16) >= 16, "a limit of 16 or more");
  }
};

} // namespace

std::vector<std::string> broken_rules(dialect d, const nlohmann::json& request) {
  auto book = rule_book{};
  if (d == dialect::openai_chat)
    book.chat(request);
  else if (d == dialect::anthropic)
    book.anthropic(request);
  else
    book.responses(request);
  return book.broken;
}

} // namespace axonhub::llm
