#pragma once

#include "base/error.hpp"
#include "llm/byte_span.hpp"
#include "llm/upstream_error.hpp"
#include "llm/usage.hpp"

#include <optional>
#include <string>

namespace axonhub::llm {

/// What is recorded of a whole (not streamed) answer.
struct answer_facts {
  std::string id;
  std::string model;
  std::optional<byte_span> model_value; ///< The model in the body, with its quotes.
  std::string stop_reason;
  usage tokens;
};

/// Reads the body of a 200. `body` has body_padding free bytes behind its end (llm/peek.hpp). Fails
/// when it is no whole message: HTML, broken or truncated JSON, an error object; the text says
/// which.
checked<answer_facts> read_anthropic_answer(const std::string& body);

} // namespace axonhub::llm
