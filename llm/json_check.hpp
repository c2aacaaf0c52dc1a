#pragma once

#include <string_view>

namespace axonhub::llm {

/// Whether `text` is one whole JSON object and nothing else but blanks. Every token is checked and
/// numbers may be of any size: what passes can stand inside another JSON text as it is. Deeper than
/// 512 levels is none. Needs no parser, so it may be called while one is lent.
bool is_json_object(std::string_view text);

/// The value of a field of an object for which is_json_object() holds, as it is written; empty when
/// there is none. `key` needs no escapes; the first field of that name counts.
std::string_view find_field(std::string_view object, std::string_view key);

} // namespace axonhub::llm
