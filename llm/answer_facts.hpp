#pragma once

#include "llm/byte_span.hpp"
#include "llm/usage.hpp"

#include <optional>
#include <string>

namespace axonhub::llm {

/// How much of an answer's text was replaced because strict readers would refuse the whole.
struct mended_text {
  std::uint64_t bytes = 0;      ///< That were no UTF-8.
  std::uint64_t surrogates = 0; ///< Escapes of half a pair.
};

/// OpenAI's numbers as they were told last, where the prompt includes what the cache had.
struct told_counts {
  std::uint64_t prompt = 0, cached = 0, written = 0, output = 0, reasoning = 0;
};

/// What is recorded of an answer, whole or streamed. Texts are empty when they were not told.
struct answer_facts {
  std::string id;
  std::string model;
  std::optional<byte_span> model_value; ///< The model where it stands, with its quotes.
  std::string stop_reason;
  usage tokens;
  told_counts counts; ///< What these tokens were made from, in OpenAI's dialects.
  mended_text mended; ///< Of one that was converted.
};

} // namespace axonhub::llm
