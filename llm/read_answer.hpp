#pragma once

#include "base/error.hpp"
#include "llm/answer_facts.hpp"
#include "llm/dialect.hpp"
#include "llm/upstream_error.hpp"

#include <string>

namespace axonhub::llm {

/// Reads the body of a 200 that is not a stream and passes as it is: what the record needs, nothing
/// of what the answer says. `body` has body_padding free bytes behind its end (llm/peek.hpp) and is
/// left as it was. Fails when it is no whole answer: HTML, broken or truncated JSON, an error
/// object, an object without what its dialect calls an answer; the text says which, and `error`
/// gets the upstream's own one.
checked<answer_facts> read_answer(dialect d, const std::string& body, upstream_error& error);

/// The same for whom the text is enough.
checked<answer_facts> read_answer(dialect d, const std::string& body);

/// Why a body of `d` is no answer, where it holds an error of the upstream or none at all.
failure no_answer(const std::string& body, const upstream_error& error, std::string_view otherwise);

} // namespace axonhub::llm
