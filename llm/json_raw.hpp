#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// JSON text that is carried on without being understood. The "inside" of a JSON string is what
/// stands between its quotes, escapes and all: it can be put between other quotes as it is.
namespace axonhub::llm {

using raw_text = std::string_view; ///< The inside of a JSON string.

/// Whether every escape is one that JSON knows. Control characters and UTF-8 are simdjson's to see.
bool has_valid_escapes(raw_text inside);

/// Whether an escape of half a surrogate pair may be inside, or of a whole one.
bool may_hold_surrogates(raw_text inside);

/// Overwrites each \u escape of half a surrogate pair with \ufffd, which is as long: strict readers
/// refuse such a text as a whole. Takes the inside of a string or a whole JSON text; returns how
/// many it replaced.
std::size_t mend_surrogates(char* inside, std::size_t size);

/// The same for a whole JSON text, but for halves at the very ends of its strings: the text before
/// or behind may have the other one.
std::size_t mend_inner_surrogates(char* json, std::size_t size);

/// Replaces each byte that is no UTF-8 by U+FFFD; returns how many.
std::size_t replace_broken_utf8(std::string& text);

/// The same by a question mark: everything stays in its place.
void blank_broken_utf8(std::string& text);

/// What the inside of a JSON string says, in UTF-8; nothing if an escape is malformed. A lone
/// surrogate becomes U+FFFD.
std::optional<std::string> unescaped(raw_text inside);

/// Appends UTF-8 text as the inside of a JSON string.
void append_escaped(std::string& out, std::string_view text);

/// The same for a JSON text, in which halves of surrogate pairs are replaced; returns how many.
std::size_t append_mended(std::string& out, std::string json);

/// By the grammar; its value may be beyond what any type holds.
bool is_json_number(std::string_view text);

/// Whether the inside of a JSON string says nothing but blanks and line ends.
bool is_blank(raw_text inside);

} // namespace axonhub::llm
