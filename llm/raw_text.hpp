#pragma once

#include <string>
#include <string_view>

namespace axonhub::llm {

/// The inside of a JSON string as it stood on the wire: no quotes, escapes untouched. Put between
/// quotes again it says what it said, lone surrogates and split pairs included.
using raw_text = std::string_view;

/// Whether every escape is one that JSON knows. Control characters and UTF-8 are simdjson's to see.
bool has_valid_escapes(raw_text inner);

/// Appends plain text as the inside of a JSON string.
void append_escaped(std::string& out, std::string_view text);

/// Appends what a raw text says. What is no character of its own (a lone surrogate) is U+FFFD.
void append_unescaped(std::string& out, raw_text inner);

} // namespace axonhub::llm
