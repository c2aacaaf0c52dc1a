#pragma once

#include <string>
#include <string_view>

namespace axonhub {

/// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

} // namespace axonhub
