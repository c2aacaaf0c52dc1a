#pragma once

#include "base/error.hpp"
#include "llm/answer_facts.hpp"
#include "llm/conversion.hpp"
#include "llm/upstream_error.hpp"

#include <string>

namespace axonhub::llm {

/// A whole answer for the client.
struct converted_answer {
  std::string body;
  answer_facts facts; ///< The upstream's own; model_value is not set.
};

/// Converts the body of a 200 that is not a stream from memory.upstream to memory.client. Fails as
/// read_answer() does, and where a Chat completion says nothing at all.
checked<converted_answer> convert_answer(std::string body, const conversion_memory& memory,
                                         upstream_error& error);

/// The same for whom the text is enough.
checked<converted_answer> convert_answer(std::string body, const conversion_memory& memory);

} // namespace axonhub::llm
