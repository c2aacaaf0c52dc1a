#pragma once

// For the sources of llm/ alone, as json_scan.hpp.

#include "llm/answer_facts.hpp"
#include "llm/json_scan.hpp"
#include "llm/upstream_error.hpp"

namespace axonhub::llm {

/// Takes the numbers of a `usage` object; what it lacks or has as null stays as it was.
json_error read_anthropic_usage(json_value& value, usage& tokens);

/// Takes one field of a message, whole or in a message_start. The model's place is counted from
/// `base`; null: nobody asks.
json_error read_message_field(std::string_view key, json_value& value, const char* base,
                              answer_facts& facts);

/// Takes an error's code: a word, or a number that is an HTTP status.
void read_error_code(json_value& value, upstream_error& error);

/// Takes one field of an error body's top level, in any shape that read_error_body knows.
json_error read_error_field(std::string_view key, json_value& value, upstream_error& error);

} // namespace axonhub::llm
