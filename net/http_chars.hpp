#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace axonhub::net {

/// Bits of token_chars.
constexpr std::uint8_t token_char = 1; // of each of them
constexpr std::uint8_t underscore = 2;

/// What tokens are made of: methods, field names, connection options (RFC 9110, 5.6.2). 0 for
/// any other character.
constexpr auto token_chars = [] {
  auto table = std::array<std::uint8_t, 256>{};
  for (const auto c : std::string_view{"0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^`|~"})
    table[static_cast<unsigned char>(c)] = token_char;
  table['_'] = token_char | underscore;
  return table;
}();

constexpr bool is_token_char(char c) { return token_chars[static_cast<unsigned char>(c)] != 0; }

constexpr bool is_token(std::string_view text) {
  auto kinds = token_char; // what all characters have in common
  for (const auto c : text)
    kinds &= token_chars[static_cast<unsigned char>(c)];
  return kinds != 0 && !text.empty();
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
  static_assert(std::endian::native == std::endian::little);
  constexpr auto ones = ~std::uint64_t{0} / 255;
  constexpr auto high_bits = ones * 0x80;
  while (end - at >= 8) {
    auto word = std::uint64_t{};
    std::memcpy(&word, at, 8);
    const auto no_delete = word ^ (ones * 0x7f);
    const auto suspects =
        (((word - ones * 0x20) & ~word) | ((no_delete - ones) & ~no_delete)) & high_bits;
    if (suspects == 0) {
      at += 8;
      continue;
    }
    // Borrows run upwards only, so the lowest suspect is a true one.
    at += std::countr_zero(suspects) / 8;
    if (*at != '\t')
      return at;
    ++at;
  }
  while (at != end && !is_forbidden_in_value(*at))
    ++at;
  return at;
}

} // namespace axonhub::net
