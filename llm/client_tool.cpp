#include "llm/client_tool.hpp"

#include "llm/json_check.hpp"
#include "llm/json_raw.hpp"

namespace axonhub::llm {

client_tool to_client_tool(const conversion_memory& memory, raw_text upstream_name) {
  auto tool = client_tool{};
  if (!memory.tools.empty()) {
    const auto plain = unescaped(upstream_name).value_or(std::string{upstream_name});
    if (const auto it = memory.tools.find(plain); it != memory.tools.end()) {
      append_escaped(tool.name, it->second.name);
      append_escaped(tool.name_space, it->second.name_space);
      tool.is_custom = it->second.is_custom;
      tool.call_type = it->second.call_type;
      return tool;
    }
  }
  tool.name = upstream_name;
  return tool;
}

std::string unwrap_input(raw_text arguments) {
  const auto object = unescaped(arguments).value_or(std::string{});
  if (is_json_object(object)) {
    const auto input = find_field(object, "input");
    if (input.starts_with('"'))
      return std::string{input.substr(1, input.size() - 2)};
    if (object.find_first_not_of("{} \t\r\n") == std::string::npos)
      return {};
  }
  return std::string{arguments};
}

std::string to_input_object(raw_text arguments) {
  auto object = unescaped(arguments).value_or(std::string{});
  if (object.find_first_not_of(" \t\r\n") == std::string::npos)
    return "{}";
  if (is_json_object(object))
    return object;
  return "{\"_raw\":\"" + std::string{arguments} + "\"}";
}

std::string_view argument_field(std::string_view call_type) {
  if (call_type == "tool_search_call")
    return "arguments";
  return call_type == "apply_patch_call" ? "operation" : "action";
}

std::string_view id_stem(std::string_view answer_id) {
  const auto end = answer_id.find_first_of("_-");
  return end == std::string_view::npos ? answer_id : answer_id.substr(end + 1);
}

} // namespace axonhub::llm
