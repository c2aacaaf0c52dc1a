#pragma once

#include "llm/conversion.hpp"

#include <array>
#include <cstddef>
#include <string>

namespace axonhub::llm {

/// The memory of a request as the expected fixtures have it.
inline conversion_memory memory_of(dialect client, dialect upstream) {
  auto memory = conversion_memory{};
  memory.client = client;
  memory.upstream = upstream;
  memory.client_model = "client-model";
  memory.stream = true;
  memory.include_usage = true;
  memory.encrypted_reasoning = true;
  memory.answer_id = client == dialect::anthropic     ? "msg_gw"
                     : client == dialect::openai_chat ? "chatcmpl-gw"
                                                      : "resp_gw";
  memory.created = 1795330000;
  return memory;
}

/// Makes the tool of the fixtures one that the client knows otherwise: 1 custom, 2 in a namespace,
/// 3 by a long name, 4 and 5 one of Responses' own; 0 leaves it.
inline void give_tool(conversion_memory& memory, std::size_t which) {
  const auto names = std::array<tool_alias, 5>{{
      {.name = "get_weather", .name_space = {}, .is_custom = true},
      {.name = "weather", .name_space = "get"},
      {.name = std::string(100, 'w'), .name_space = {}},
      {.name = "local_shell", .name_space = {}, .call_type = "local_shell_call"},
      {.name = "tool_search", .name_space = {}, .call_type = "tool_search_call"},
  }};
  which %= names.size() + 1;
  if (which == 0 || (which > 3 && memory.client != dialect::openai_responses))
    return;
  if (names[which - 1].is_custom && memory.client == dialect::anthropic)
    return;
  memory.tools["get_weather"] = names[which - 1];
}

} // namespace axonhub::llm
