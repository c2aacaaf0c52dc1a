#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace axonhub::net {

/// What tokens are made of: methods, field names, connection options (RFC 9110, 5.6.2).
constexpr auto token_chars = [] {
  auto table = std::array<bool, 256>{};
  for (auto c = '0'; c <= '9'; ++c)
    table[static_cast<unsigned char>(c)] = true;
  for (auto c = 'a'; c <= 'z'; ++c)
    table[static_cast<unsigned char>(c)] = table[static_cast<unsigned char>(c - 'a' + 'A')] = true;
  for (const auto c : std::string_view{"!#$%&'*+-.^_`|~"})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_token_char(char c) { return token_chars[static_cast<unsigned char>(c)]; }

constexpr bool is_token(std::string_view text) {
  for (const auto c : text) {
    if (!is_token_char(c))
      return false;
  }
  return !text.empty();
}

/// NUL, CR, LF and all other control characters but TAB: never inside a field value.
constexpr bool is_forbidden_in_value(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

constexpr bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7f; }

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// The first forbidden character in [at, end), or `end`. Looks at eight bytes at a time.
inline const char* find_forbidden(const char* at, const char* end) {
  constexpr auto ones = ~std::uint64_t{0} / 255;
  constexpr auto high_bits = ones * 0x80;
  while (at != end) {
    if (end - at >= 8) {
      auto word = std::uint64_t{};
      std::memcpy(&word, at, 8);
      const auto below_space = (word - ones * 0x20) & ~word;
      const auto no_delete = word ^ (ones * 0x7f);
      const auto has_delete = (no_delete - ones) & ~no_delete;
      if (((below_space | has_delete) & high_bits) == 0) {
        at += 8;
        continue;
      }
    }
    // A short rest, or a word with a TAB or what we look for.
    for (const auto* stop = end - at >= 8 ? at + 8 : end; at != stop; ++at) {
      if (is_forbidden_in_value(*at))
        return at;
    }
  }
  return end;
}

} // namespace axonhub::net
