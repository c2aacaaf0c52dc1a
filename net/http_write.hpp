#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace axonhub::net {

/// "Not Found" for 404; "Unknown" for a status without a registered phrase.
std::string_view reason_phrase(int status);

/// Appends "HTTP/1.1 404 Not Found" and the line's end. A status outside 100 to 599 becomes 500.
void append_status_line(std::string& out, int status);

/// Appends "POST /v1/messages HTTP/1.1" and the line's end. Appends nothing and returns false when
/// the method is no token or the target has anything but visible ASCII.
[[nodiscard]] bool append_request_line(std::string& out, std::string_view method,
                                       std::string_view target);

/// Appends one field line. Appends nothing and returns false when the name is no token, or when
/// the value has CR, LF, NUL or another control character than TAB: nothing that comes from
/// outside can start a line of its own.
bool append_field(std::string& out, std::string_view name, std::string_view value);

/// The same for a number, such as a Content-Length.
bool append_field(std::string& out, std::string_view name, std::uint64_t value);

/// Appends the blank line that ends a head.
inline void append_head_end(std::string& out) { out += "\r\n"; }

} // namespace axonhub::net
