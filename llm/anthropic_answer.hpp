#pragma once

#include "base/error.hpp"
#include "llm/answer_facts.hpp"

#include <string>

namespace axonhub::llm {

/// Reads the body of a 200 that is not a stream. `body` has body_padding free bytes behind its end
/// (llm/peek.hpp). Fails when it is no whole message: HTML, broken or truncated JSON, an error
/// object; the text says which.
checked<answer_facts> read_anthropic_answer(const std::string& body);

} // namespace axonhub::llm
