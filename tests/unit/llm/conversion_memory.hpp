#pragma once

#include "llm/conversion.hpp"

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

} // namespace axonhub::llm
