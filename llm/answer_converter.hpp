#pragma once

#include "base/error.hpp"
#include "llm/answer_facts.hpp"
#include "llm/conversion.hpp"

#include <string>

namespace axonhub::llm {

/// Reads the body of a 200 that is not a stream, in dialect `d`. `body` has body_padding free bytes
/// behind its end (llm/peek.hpp). Fails when it is no whole answer: HTML, broken or truncated JSON,
/// an error object, a Chat completion that says nothing at all; the text says which.
checked<answer_facts> read_answer(dialect d, const std::string& body);

/// A whole answer for the client.
struct converted_answer {
  std::string body;
  answer_facts facts; ///< The upstream's own; model_value is not set.
};

/// Converts the same from memory.upstream to memory.client; fails as read_answer().
checked<converted_answer> convert_answer(const std::string& body, const conversion_memory& memory);

} // namespace axonhub::llm
