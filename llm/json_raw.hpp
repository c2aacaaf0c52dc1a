#pragma once

#include <optional>
#include <string>
#include <string_view>

/// JSON text that is carried on without being understood. The "inside" of a JSON string is what
/// stands between its quotes, escapes and all: it can be put between other quotes as it is.
namespace axonhub::llm {

/// What the inside of a JSON string says, in UTF-8; nothing if an escape is malformed. A lone
/// surrogate becomes U+FFFD.
std::optional<std::string> unescaped(std::string_view inside);

/// Appends UTF-8 text as the inside of a JSON string.
void append_escaped(std::string& out, std::string_view text);

/// Whether the text is one whole JSON object and nothing else but blanks, by the letter of RFC
/// 8259. More than 512 levels are not taken for one.
bool is_json_object(std::string_view text);

/// By the grammar; its value may be beyond what any type holds.
bool is_json_number(std::string_view text);

/// Whether the inside of a JSON string says nothing but blanks and line ends.
bool is_blank(std::string_view inside);

} // namespace axonhub::llm
