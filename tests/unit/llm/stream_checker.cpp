#include "tests/unit/llm/stream_checker.hpp"

#include "llm/sse.hpp"

#include <map>
#include <set>

namespace axonhub::llm {
namespace {

using json = nlohmann::json;
using breaches = std::vector<std::string>;

/// Collects what does not hold, with the event's number.
struct judge {
  breaches found;
  std::size_t at = 0;

  void require(bool holds, const std::string& rule) {
    if (!holds)
      found.push_back("event " + std::to_string(at) + ": " + rule);
  }
};

bool is_object_text(const std::string& text) {
  return text.empty() || json::parse(text, nullptr, false).is_object();
}

void check_claude_usage(judge& j, const json& usage) {
  for (const auto* const key :
       {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"})
    j.require(usage.is_object() && usage.contains(key) && usage[key].is_number(), key);
}

void check_anthropic(judge& j, const std::vector<parsed_event>& events) {
  auto open = std::string{};
  auto arguments = std::string{};
  auto next = 0;
  auto started = false, closing = false, over = false;
  const auto delta_of = std::map<std::string, std::string>{{"text_delta", "text"},
                                                           {"input_json_delta", "tool_use"},
                                                           {"thinking_delta", "thinking"},
                                                           {"signature_delta", "thinking"}};
  for (const auto& [name, d] : events) {
    ++j.at;
    j.require(!over, "nothing follows the end");
    j.require(d.value("type", "") == name, "the event line says the type");
    if (name == "ping")
      continue;
    j.require(started != (name == "message_start"), "one message_start, first");
    if (name == "message_start") {
      started = true;
      const auto& m = d.at("message");
      check_claude_usage(j, m.at("usage"));
      j.require(m.at("id").is_string() && m.at("content") == json::array() &&
                    m.at("role") == "assistant" && m.at("type") == "message" &&
                    m.at("model").is_string(),
                "a whole message");
    } else if (name == "content_block_start") {
      j.require(open.empty() && !closing, "blocks are sequential");
      j.require(d.at("index") == next, "indexes without gaps");
      const auto& block = d.at("content_block");
      open = block.at("type");
      arguments.clear();
      if (open == "thinking")
        j.require(block.contains("signature"), "thinking has a signature field");
      if (open == "tool_use")
        j.require(block.at("id").is_string() && !block.at("name").get<std::string>().empty() &&
                      block.at("input") == json::object(),
                  "a tool has id, name and input");
    } else if (name == "content_block_delta") {
      const auto kind = d.at("delta").value("type", "");
      j.require(!open.empty() && d.at("index") == next, "a delta is of the open block");
      j.require(delta_of.count(kind) == 1 && delta_of.at(kind) == open, "of its type: " + kind);
      if (kind == "input_json_delta")
        arguments += d.at("delta").at("partial_json").get<std::string>();
    } else if (name == "content_block_stop") {
      j.require(!open.empty() && d.at("index") == next, "what stops is open");
      j.require(is_object_text(arguments), "arguments are an object: " + arguments);
      open.clear();
      ++next;
    } else if (name == "message_delta") {
      j.require(open.empty(), "nothing is open at the end");
      j.require(!closing, "one message_delta");
      j.require(d.at("delta").at("stop_reason").is_string(), "a stop reason");
      check_claude_usage(j, d.at("usage"));
      closing = true;
    } else if (name == "message_stop") {
      j.require(closing, "message_delta before message_stop");
      over = true;
    } else {
      j.require(name == "error", "a known event: " + name);
      j.require(d.at("error").at("type").is_string() && d.at("error").at("message").is_string(),
                "an error");
      over = true;
    }
  }
  j.require(over, "the stream ends");
}

void check_chat(judge& j, const std::vector<parsed_event>& events) {
  auto id = json{};
  auto calls = std::map<int, std::string>{};
  auto custom = std::set<int>{};
  auto role = false, finished = false, counted = false, over = false;
  for (const auto& [name, d] : events) {
    ++j.at;
    j.require(!over, "nothing follows the end");
    j.require(name.empty(), "no event line");
    if (d.is_null()) {
      j.require(finished, "a finish before [DONE]");
      over = true;
      continue;
    }
    if (d.contains("error")) {
      j.require(d.at("error").at("message").is_string(), "an error's message");
      over = true;
      continue;
    }
    const auto same = json::array({d.at("id"), d.at("created"), d.at("model")});
    j.require(id.is_null() || id == same, "the same id, time and model in all");
    id = same;
    j.require(d.at("object") == "chat.completion.chunk", "object");
    if (d.at("choices").empty()) {
      j.require(finished && !counted && d.at("usage").at("total_tokens").is_number(),
                "usage once, behind the finish");
      counted = true;
      continue;
    }
    const auto& choice = d.at("choices")[0];
    const auto& delta = choice.at("delta");
    j.require(!finished, "nothing but usage behind the finish");
    j.require(choice.at("index") == 0, "one choice");
    j.require(role != delta.contains("role"), "the role once, first");
    role = true;
    for (const auto& call : delta.value("tool_calls", json::array())) {
      const auto index = call.at("index").get<int>();
      const auto is_new = calls.count(index) == 0;
      j.require(!is_new || index == static_cast<int>(calls.size()), "indexes without gaps");
      j.require(is_new == call.contains("id"), "an id once, first");
      const auto is_custom = call.contains("custom");
      const auto& body = call.at(is_custom ? "custom" : "function");
      if (is_new)
        j.require(call.at("type") == (is_custom ? "custom" : "function") &&
                      !body.at("name").get<std::string>().empty(),
                  "a call's name");
      if (is_custom)
        custom.insert(index);
      calls[index] += body.at(is_custom ? "input" : "arguments").get<std::string>();
    }
    if (!choice.at("finish_reason").is_null()) {
      finished = true;
      for (const auto& [index, arguments] : calls)
        j.require(custom.count(index) == 1 || (!arguments.empty() && is_object_text(arguments)),
                  "arguments: " + arguments);
    }
  }
  j.require(over, "the stream ends");
}

void check_response(judge& j, const json& r) {
  for (const auto* const key : {"id", "object", "created_at", "status", "error",
                                "incomplete_details", "model", "output", "usage"})
    j.require(r.contains(key), std::string{"a response has "} + key);
}

/// Where the calls of Responses' own tools keep their arguments.
const char* own_call_field(const std::string& type) {
  static const auto fields = std::map<std::string, const char*>{{"tool_search_call", "arguments"},
                                                                {"local_shell_call", "action"},
                                                                {"shell_call", "action"},
                                                                {"apply_patch_call", "operation"}};
  const auto found = fields.find(type);
  return found == fields.end() ? nullptr : found->second;
}

void check_responses(judge& j, const std::vector<parsed_event>& events) {
  auto open = json{};
  auto finished = json::array();
  auto grown = std::string{};
  auto told = std::set<std::string>{}; // events of the open item
  auto started = false, over = false;
  for (const auto& [name, d] : events) {
    ++j.at;
    j.require(!over, "nothing follows the end");
    j.require(d.value("type", "") == name, "the event line says the type");
    j.require(d.at("sequence_number") == j.at - 1, "sequence numbers without gaps");
    j.require(started || name == "response.created", "response.created comes first");
    started = true;
    if (d.contains("response"))
      check_response(j, d.at("response"));
    if (name == "response.created" || name == "response.in_progress") {
      j.require(
          finished.empty() && open.is_null() && d.at("response").at("status") == "in_progress",
          "the start comes first");
    } else if (name == "response.output_item.added") {
      j.require(open.is_null(), "items are sequential");
      j.require(d.at("output_index") == finished.size(), "places without gaps");
      open = d.at("item");
      grown.clear();
      told.clear();
    } else if (name == "response.output_item.done") {
      const auto& item = d.at("item");
      j.require(!open.is_null() && item.at("id") == open.at("id") &&
                    item.at("type") == open.at("type") && d.at("output_index") == finished.size(),
                "what is done was added");
      const auto type = item.value("type", "");
      if (type == "message") {
        const auto& part = item.at("content")[0];
        j.require(part.at(part.at("type") == "refusal" ? "refusal" : "text") == grown,
                  "the whole text");
        j.require(told.count("response.content_part.done") == 1, "the part is done");
      } else if (type == "function_call") {
        j.require(item.at("arguments") == (grown.empty() ? "{}" : grown), "the whole arguments");
        j.require(is_object_text(item.at("arguments")), "arguments are an object");
        j.require(told.count("response.function_call_arguments.done") == 1, "arguments are done");
        j.require(item.at("call_id").is_string() && !item.at("name").get<std::string>().empty(),
                  "a call has id and name");
      } else if (type == "custom_tool_call") {
        j.require(item.at("input") == grown, "the whole input");
        j.require(told.count("response.custom_tool_call_input.done") == 1, "input is done");
      } else if (const auto* const field = own_call_field(type)) {
        j.require(item.at("call_id").is_string() && item.at(field).is_object() && told.empty(),
                  "a call of a tool of Responses' own");
      } else {
        j.require(type == "reasoning" && item.at("summary").is_array(), "a known item");
        if (!grown.empty())
          j.require(item.at("summary")[0].at("text") == grown &&
                        told.count("response.reasoning_summary_part.done") == 1,
                    "the whole summary");
      }
      finished.push_back(item);
      open = nullptr;
    } else if (name == "response.completed" || name == "response.incomplete") {
      const auto& r = d.at("response");
      j.require(open.is_null(), "nothing is open at the end");
      j.require("response." + r.value("status", "") == name, "the status");
      j.require(r.at("output") == finished, "the output is what was told");
      j.require(r.at("usage").at("total_tokens").is_number(), "usage");
      over = true;
    } else if (name == "response.failed") {
      j.require(d.at("response").at("error").at("code").is_string() &&
                    d.at("response").at("error").at("message").is_string(),
                "an error");
      over = true;
    } else {
      j.require(!open.is_null() && d.at("item_id") == open.at("id") &&
                    d.at("output_index") == finished.size(),
                name + " is of the open item");
      if (name.size() > 6 && name.substr(name.size() - 6) == ".delta") {
        grown += d.at("delta").get<std::string>();
      } else {
        j.require(told.insert(name).second, name + " comes once");
        for (const auto* const key : {"text", "refusal", "arguments", "input"})
          if (d.contains(key))
            j.require(d[key] == (grown.empty() && d.contains("arguments") ? "{}" : grown),
                      "what is done is what grew");
      }
    }
  }
  j.require(over, "the stream ends");
}

void understand_anthropic(const std::vector<parsed_event>& events, answer_meaning& m) {
  for (const auto& [name, d] : events) {
    if (name == "error")
      m.is_error = true;
    if (name == "content_block_start" && d.at("content_block").at("type") == "tool_use")
      m.calls.push_back({d.at("content_block").at("id"), d.at("content_block").at("name"), ""});
    if (name == "content_block_delta") {
      const auto& delta = d.at("delta");
      m.text += delta.value("text", "");
      m.reasoning += delta.value("thinking", "");
      if (delta.contains("partial_json"))
        m.calls.back().arguments += delta.at("partial_json").get<std::string>();
    }
    if (name != "message_delta")
      continue;
    const auto stop = d.at("delta").at("stop_reason").get<std::string>();
    m.stop = stop == "tool_use"     ? "tool_calls"
             : stop == "max_tokens" ? "length"
             : stop == "refusal"    ? "content_filter"
                                    : "stop";
    const auto& u = d.at("usage");
    m.cached = u.at("cache_read_input_tokens");
    m.prompt = m.cached + u.at("input_tokens").get<std::uint64_t>() +
               u.at("cache_creation_input_tokens").get<std::uint64_t>();
    m.output = u.at("output_tokens");
  }
}

void understand_chat(const std::vector<parsed_event>& events, answer_meaning& m) {
  for (const auto& [name, d] : events) {
    if (d.is_null())
      continue;
    m.is_error |= d.contains("error");
    for (const auto& choice : d.value("choices", json::array())) {
      const auto& delta = choice.at("delta");
      const auto text = [&delta](const char* key) {
        return delta.contains(key) && delta[key].is_string() ? delta[key].get<std::string>() : "";
      };
      m.text += text("content") + text("refusal");
      m.reasoning += text("reasoning_content");
      for (const auto& call : delta.value("tool_calls", json::array())) {
        const auto at = call.at("index").get<std::size_t>();
        const auto is_custom = call.contains("custom");
        const auto& body = call.at(is_custom ? "custom" : "function");
        if (m.calls.size() <= at)
          m.calls.push_back({call.at("id"), body.at("name"), ""});
        m.calls[at].arguments += body.at(is_custom ? "input" : "arguments").get<std::string>();
      }
      if (choice.at("finish_reason").is_string())
        m.stop = choice.at("finish_reason");
    }
    if (d.contains("usage") && d.at("usage").is_object()) {
      m.prompt = d.at("usage").at("prompt_tokens");
      m.output = d.at("usage").at("completion_tokens");
      m.cached = d.at("usage").at("prompt_tokens_details").at("cached_tokens");
    }
  }
}

void understand_responses(const std::vector<parsed_event>& events, answer_meaning& m) {
  for (const auto& [name, d] : events) {
    if (name == "response.output_text.delta" || name == "response.refusal.delta")
      m.text += d.at("delta").get<std::string>();
    if (name == "response.reasoning_summary_text.delta")
      m.reasoning += d.at("delta").get<std::string>();
    if (name == "response.output_item.done") {
      const auto& item = d.at("item");
      if (item.at("type") == "function_call")
        m.calls.push_back({item.at("call_id"), item.at("name"), item.at("arguments")});
    }
    m.is_error |= name == "response.failed" || name == "error";
    if (name != "response.completed" && name != "response.incomplete")
      continue;
    const auto& r = d.at("response");
    m.stop = m.calls.empty() ? "stop" : "tool_calls";
    if (name == "response.incomplete")
      m.stop =
          r.at("incomplete_details").at("reason") == "content_filter" ? "content_filter" : "length";
    m.prompt = r.at("usage").at("input_tokens");
    m.output = r.at("usage").at("output_tokens");
    m.cached = r.at("usage").at("input_tokens_details").at("cached_tokens");
  }
}

} // namespace

std::vector<parsed_event> parse_stream(std::string_view stream) {
  auto events = std::vector<parsed_event>{};
  auto splitter = event_splitter{};
  splitter.feed(stream, [&events](std::string_view event) {
    auto joined = std::string{};
    const auto fields = read_event(event, joined);
    if (!fields.has_data)
      return;
    const auto is_done = fields.data == "[DONE]";
    auto data = is_done ? json{} : json::parse(fields.data, nullptr, false);
    if (data.is_discarded())
      data = "no JSON: " + std::string{fields.data};
    events.push_back({std::string{fields.event}, std::move(data)});
  });
  return events;
}

breaches check_stream(dialect d, std::string_view stream) {
  auto j = judge{};
  const auto events = parse_stream(stream);
  for (const auto& e : events)
    if (!e.data.is_null() && !e.data.is_object())
      return {"an event that is no object: " + e.data.dump()};
  try {
    if (d == dialect::anthropic)
      check_anthropic(j, events);
    else if (d == dialect::openai_chat)
      check_chat(j, events);
    else
      check_responses(j, events);
  } catch (const json::exception& e) {
    j.require(false, e.what());
  }
  return j.found;
}

answer_meaning understand(dialect d, std::string_view stream) {
  auto m = answer_meaning{};
  const auto events = parse_stream(stream);
  if (d == dialect::anthropic)
    understand_anthropic(events, m);
  else if (d == dialect::openai_chat)
    understand_chat(events, m);
  else
    understand_responses(events, m);
  for (auto& call : m.calls)
    if (call.arguments.empty())
      call.arguments = "{}";
  return m;
}

void PrintTo(const answer_meaning& m, std::ostream* out) {
  *out << "text " << json(m.text) << ", reasoning " << json(m.reasoning) << ", stop " << m.stop
       << ", tokens " << m.prompt << ' ' << m.cached << ' ' << m.output
       << (m.is_error ? ", an error" : "");
  for (const auto& call : m.calls)
    *out << ", " << call.id << ' ' << call.name << ' ' << call.arguments;
}

} // namespace axonhub::llm
