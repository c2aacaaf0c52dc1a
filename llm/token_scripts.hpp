#pragma once

// Which script a character belongs to, for the token estimate.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "llm/token_characters.hpp"
#include "llm/token_features.hpp"

namespace axonhub::llm {

/// How common a character of one block is: 0 to 2, two bits each.
template <char32_t first, char32_t last>
struct frequency_levels {
  constexpr frequency_levels(std::u16string_view common, std::u16string_view frequent) {
    for (const auto c : common)
      set(c, 1);
    for (const auto c : frequent)
      set(c, 2);
  }
  constexpr void set(char32_t c, unsigned level) {
    bits[(c - first) / 4] |= static_cast<std::uint8_t>(level << ((c - first) % 4 * 2));
  }
  constexpr unsigned operator[](char32_t c) const {
    return bits[(c - first) / 4] >> ((c - first) % 4 * 2) & 3U;
  }
  std::array<std::uint8_t, (last - first) / 4 + 1> bits{};
};

inline constexpr auto han_levels = frequency_levels<0x4e00, 0x9fff>{common_han, frequent_han};
inline constexpr auto hangul_levels =
    frequency_levels<0xac00, 0xd7a3>{common_hangul, frequent_hangul};

constexpr token_feature::script script_of(char32_t c) {
  using namespace token_feature;
  if (c >= 0x4e00 && c <= 0x9fff)
    return static_cast<script>(han_rare + han_levels[c]);
  if (c >= 0xac00 && c <= 0xd7a3)
    return static_cast<script>(hangul_rare + hangul_levels[c]);
  if (c < 0x370)
    return c < 0xc0 ? symbol : accented;
  if (c < 0x400)
    return greek;
  if (c < 0x530)
    return cyrillic;
  if (c >= 0x590 && c < 0x780)
    return hebrew_arabic;
  if (c >= 0x900 && c < 0xe00)
    return indic;
  if (c >= 0xe00 && c < 0x1000)
    return thai;
  if (c >= 0x1e00 && c < 0x2000)
    return c < 0x1f00 ? accented : greek;
  if (c >= 0x2000 && c < 0x2070)
    return typographic;
  if (c >= 0x2070 && c < 0x2e80)
    return symbol;
  if (c >= 0x3000 && c < 0x3040)
    return cjk_sign;
  if (c >= 0x3040 && c < 0x30a0)
    return hiragana;
  if (c >= 0x30a0 && c < 0x3100)
    return katakana;
  if (c >= 0xff00 && c < 0xfff0)
    return cjk_sign;
  if (c >= 0x10000)
    return c >= 0x1f000 && c < 0x20000 ? emoji : far_plane;
  return other_letter;
}

} // namespace axonhub::llm
