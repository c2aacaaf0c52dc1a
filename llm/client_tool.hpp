#pragma once

#include "llm/conversion.hpp"
#include "llm/json_raw.hpp"

#include <string>

namespace axonhub::llm {

/// A tool by the names that the client gave it, as raw text.
struct client_tool {
  std::string name;
  std::string name_space; ///< Empty: none.
  bool is_custom = false;
  std::string call_type; ///< The item that calls a tool of Responses' own; empty: another tool.

  /// Whether its call can be told only when it is whole.
  bool is_held() const { return is_custom || !call_type.empty(); }
};

/// Restores what the request's converter renamed, flattened or wrapped.
client_tool to_client_tool(const conversion_memory& memory, raw_text upstream_name);

/// The free text inside the arguments of a wrapped custom tool: the `input` of `{"input":"..."}`.
/// Arguments of another shape are the text themselves.
std::string unwrap_input(raw_text arguments);

/// The arguments as the JSON object that Anthropic wants: `{}` for none, `{"_raw": text}` for what
/// is no object. Numbers, the keys' order and escapes stay as they are.
std::string to_input_object(raw_text arguments);

/// The field that holds what a tool of Responses' own is called with.
std::string_view argument_field(std::string_view call_type);

/// What is behind the prefix of an answer id ("msg_", "resp_", "chatcmpl-"): other ids are made of
/// it.
std::string_view id_stem(std::string_view answer_id);

} // namespace axonhub::llm
