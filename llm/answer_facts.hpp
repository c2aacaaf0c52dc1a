#pragma once

#include "llm/byte_span.hpp"
#include "llm/usage.hpp"

#include <optional>
#include <string>

namespace axonhub::llm {

/// What is recorded of an answer, whole or streamed. Texts are empty when they were not told.
struct answer_facts {
  std::string id;
  std::string model;
  std::optional<byte_span> model_value; ///< The model where it stands, with its quotes.
  std::string stop_reason;
  usage tokens;
};

} // namespace axonhub::llm
