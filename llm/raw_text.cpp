#include "llm/raw_text.hpp"

#include "base/json_text.hpp"

#include <algorithm>
#include <cstdint>

namespace axonhub::llm {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// The number in the four digits at the front, or -1.
int read_hex(std::string_view digits) {
  if (digits.size() < 4)
    return -1;
  auto number = 0;
  for (const auto c : digits.substr(0, 4)) {
    const auto value = hex_value(c);
    if (value < 0)
      return -1;
    number = number * 16 + value;
  }
  return number;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&out](std::uint32_t bits) { out += static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(c);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(c >> 6);
    tail(c);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(c >> 12);
    tail(c >> 6);
    tail(c);
  }
}

/// Appends the character of a \u escape whose digits are at the front; says how long it was.
std::size_t append_unicode(std::string& out, std::string_view digits) {
  const auto first = read_hex(digits);
  const auto is_high = first >= 0xD800 && first < 0xDC00;
  if (is_high && digits.size() >= 10 && digits.substr(4, 2) == "\\u") {
    const auto second = read_hex(digits.substr(6));
    if (second >= 0xDC00 && second < 0xE000) {
      append_utf8(out, 0x10000U + ((static_cast<std::uint32_t>(first) - 0xD800U) << 10) +
                           (static_cast<std::uint32_t>(second) - 0xDC00U));
      return 10;
    }
  }
  if (first < 0 || (first >= 0xD800 && first < 0xE000))
    out += replacement;
  else
    append_utf8(out, static_cast<std::uint32_t>(first));
  return std::min<std::size_t>(4, digits.size());
}

char plain_escape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

} // namespace

bool has_valid_escapes(raw_text inner) {
  constexpr std::string_view known = "\"\\/bfnrtu";
  for (auto at = inner.find('\\'); at != raw_text::npos; at = inner.find('\\', at + 2)) {
    if (at + 1 == inner.size() || known.find(inner[at + 1]) == std::string_view::npos)
      return false;
    if (inner[at + 1] == 'u' && read_hex(inner.substr(at + 2)) < 0)
      return false;
  }
  return true;
}

void append_escaped(std::string& out, std::string_view text) {
  const auto opening = out.size();
  append_json_string(out, text);
  out.erase(opening, 1);
  out.pop_back();
}

void append_unescaped(std::string& out, raw_text inner) {
  while (!inner.empty()) {
    const auto plain = std::min(inner.find('\\'), inner.size());
    out += inner.substr(0, plain);
    inner.remove_prefix(plain);
    if (inner.size() < 2)
      return;
    const auto c = inner[1];
    inner.remove_prefix(2);
    if (c == 'u')
      inner.remove_prefix(append_unicode(out, inner));
    else
      out += plain_escape(c);
  }
}

} // namespace axonhub::llm
