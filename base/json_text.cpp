#include "base/json_text.hpp"

#include "base/text.hpp"

namespace axonhub {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_control(std::string& out, char c) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += hex_digits[static_cast<unsigned char>(c) >> 4];
      out += hex_digits[static_cast<unsigned char>(c) & 15];
  }
}

/// The length of the UTF-8 sequence at the front, or 0 when it is not one.
std::size_t sequence_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length)
    if (is_valid_utf8(text.substr(0, length)))
      return length;
  return 0;
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const auto clean = is_valid_utf8(text);
  while (!text.empty()) {
    const auto c = text.front();
    auto used = std::size_t{1};
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      append_control(out, c);
    } else if (clean || static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else if (const auto length = sequence_length(text); length > 0) {
      out += text.substr(0, length);
      used = length;
    } else {
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(used);
  }
  out += '"';
}

} // namespace axonhub
