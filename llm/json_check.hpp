#pragma once

#include <functional>
#include <string_view>

namespace axonhub::llm {

/// Whether `text` is one whole JSON object and nothing else but blanks. Every token is checked and
/// numbers may be of any size: what passes can stand inside another JSON text as it is. Deeper than
/// 512 levels is none. Needs no parser, so it may be called while one is lent.
bool is_json_object(std::string_view text);

/// The value of a field of an object for which is_json_object() holds, as it is written; empty when
/// there is none. `key` needs no escapes; the first field of that name counts.
std::string_view find_field(std::string_view object, std::string_view key);

/// Calls visit(inside of the key, value) for each field of such an object, or of another JSON value
/// that is one; what is none has no fields.
void for_each_field(std::string_view object,
                    const std::function<void(std::string_view, std::string_view)>& visit);

/// The same for the entries of a list.
void for_each_entry(std::string_view list, const std::function<void(std::string_view)>& visit);

} // namespace axonhub::llm
