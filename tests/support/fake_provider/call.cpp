#include "tests/support/fake_provider/call.hpp"

#include <simdjson.h>

#include <algorithm>

#include "base/text.hpp"

namespace axonhub::fake {

namespace {

namespace dom = simdjson::dom;

bool plays_with_tools(const call& c) { return c.model.find("tools") != std::string::npos; }

std::string_view text_of(const dom::element& parent, std::string_view name) {
  auto value = std::string_view{};
  return parent[name].get_string().get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

bool is_true(const dom::element& parent, std::string_view name) {
  auto value = false;
  return parent[name].get_bool().get(value) == simdjson::SUCCESS && value;
}

/// The text of a string or of a list of parts that have one.
std::string joined_text(const dom::element& content) {
  if (auto text = std::string_view{}; content.get_string().get(text) == simdjson::SUCCESS)
    return std::string{text};
  auto joined = std::string{};
  if (auto parts = dom::array{}; content.get_array().get(parts) == simdjson::SUCCESS)
    for (const auto part : parts)
      joined += text_of(part, "text");
  return joined;
}

void add_result(call& c, const dom::element& parent, std::string_view member) {
  if (!plays_with_tools(c))
    return;
  if (auto content = dom::element{}; parent[member].get(content) == simdjson::SUCCESS)
    c.tool_results.push_back(joined_text(content));
}

void read_blocks(call& c, const dom::element& message) {
  auto blocks = dom::array{};
  if (message["content"].get_array().get(blocks) != simdjson::SUCCESS)
    return;
  for (const auto block : blocks) {
    const auto type = text_of(block, "type");
    if (type == "tool_result")
      add_result(c, block, "content");
    c.has_thinking |= type == "thinking";
  }
}

void read_history(call& c, const dom::element& body) {
  auto messages = dom::array{};
  if (body["messages"].get_array().get(messages) == simdjson::SUCCESS) {
    for (const auto message : messages) {
      if (text_of(message, "role") == "tool")
        add_result(c, message, "content");
      read_blocks(c, message);
    }
  }
  auto items = dom::array{};
  if (body["input"].get_array().get(items) == simdjson::SUCCESS)
    for (const auto item : items)
      if (text_of(item, "type") == "function_call_output")
        add_result(c, item, "output");
}

/// The tool whose arguments we know, else the first function.
void choose_tool(call& c, const dom::element& body) {
  auto tools = dom::array{};
  if (body["tools"].get_array().get(tools) != simdjson::SUCCESS)
    return;
  for (const auto tool : tools) {
    auto function = dom::element{};
    const auto nested = tool["function"].get(function) == simdjson::SUCCESS;
    const auto name = text_of(nested ? function : tool, "name");
    if (name == "Bash" || name == "exec_command") {
      c.tool = name;
      return;
    }
    if (c.tool.empty())
      c.tool = name;
  }
}

/// What the two calls of a tool loop run.
std::vector<std::string> usual_inputs(std::string_view tool) {
  if (tool == "Bash")
    return {R"({"command":"echo one"})", R"({"command":"echo two"})"};
  if (tool == "exec_command")
    return {R"({"cmd":"echo one"})", R"({"cmd":"echo two"})"};
  return {"{}", "{}"};
}

/// For a body with a number that no machine word holds: it is JSON all the same.
void read_model_and_stream(call& c, std::string_view body) {
  auto parser = simdjson::ondemand::parser{};
  const auto padded = simdjson::padded_string{body};
  auto document = simdjson::ondemand::document{};
  auto model = std::string_view{};
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document["model"].get_string().get(model) != simdjson::SUCCESS)
    return;
  c.is_json = true;
  c.model = model;
  document.rewind();
  auto stream = false;
  c.stream = document["stream"].get_bool().get(stream) == simdjson::SUCCESS && stream;
}

/// The session by header or body, as the real clients tell it.
std::string session_of(const request_head& head, const dom::element& body) {
  for (const auto name : {"x-claude-code-session-id", "session-id", "session_id"})
    if (const auto value = head.header(name); !value.empty())
      return std::string{value};
  if (const auto key = text_of(body, "prompt_cache_key"); !key.empty())
    return std::string{key};
  auto metadata = dom::element{};
  return body["metadata"].get(metadata) == simdjson::SUCCESS
             ? std::string{text_of(metadata, "user_id")}
             : std::string{};
}

} // namespace

api api_of(const request_head& head) {
  const auto path = head.path();
  if (head.method == "POST") {
    if (path.ends_with("/messages/count_tokens"))
      return api::count_tokens;
    if (path.ends_with("/messages"))
      return api::messages;
    if (path.ends_with("/chat/completions"))
      return api::chat;
    return path.ends_with("/responses") ? api::responses : api::none;
  }
  if (path == "/" || path == "/api/hello")
    return api::probe;
  if (path.ends_with("/api/oauth/usage"))
    return api::oauth_usage;
  return path.ends_with("/models") ? api::models : api::none;
}

call read_call(const request_head& head, std::string_view body, std::size_t capacity) {
  static auto parser = dom::parser{};
  auto c = call{.endpoint = api_of(head)};
  auto root = dom::element{};
  const auto needs_copy = capacity < body.size() + simdjson::SIMDJSON_PADDING;
  const auto error = parser.parse(body.data(), body.size(), needs_copy).get(root);
  if (error == simdjson::NUMBER_ERROR) {
    read_model_and_stream(c, body);
  } else if (error == simdjson::SUCCESS && root.is_object()) {
    c.is_json = true;
    c.model = text_of(root, "model");
    c.stream = is_true(root, "stream");
    auto options = dom::element{};
    c.wants_usage = root["stream_options"].get(options) == simdjson::SUCCESS &&
                    is_true(options, "include_usage");
    if (const auto session = session_of(head, root); !session.empty())
      c.conversation = std::string{head.credential()} + ' ' + session;
    choose_tool(c, root);
    if (plays_with_tools(c))
      c.tool_inputs = usual_inputs(c.tool);
    read_history(c, root);
  }
  c.prompt_tokens = std::max<std::size_t>(1, (body.size() - c.model.size()) / 4);
  return c;
}

bool calls_tools(const call& c) {
  return plays_with_tools(c) && !c.tool.empty() && c.tool_results.empty();
}

} // namespace axonhub::fake
