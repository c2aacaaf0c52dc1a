#pragma once

// Which script a character belongs to, for the token estimate.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "llm/token_characters.hpp"
#include "llm/token_features.hpp"

namespace axonhub::llm {

/// The script of a character below 0x10000 by its block; in Han and Hangul, as if it were rare.
constexpr token_feature::script block_script_of(char32_t c) {
  using namespace token_feature;
  struct block {
    char32_t end = 0;
    script of = other_letter;
  };
  constexpr auto blocks = std::array<block, 24>{{
      {0xc0, symbol},         {0x370, accented},      {0x400, greek},         {0x530, cyrillic},
      {0x590, other_letter},  {0x780, hebrew_arabic}, {0x900, other_letter},  {0xe00, indic},
      {0x1000, thai},         {0x1e00, other_letter}, {0x1f00, accented},     {0x2000, greek},
      {0x2070, typographic},  {0x2e80, symbol},       {0x3000, other_letter}, {0x3040, cjk_sign},
      {0x30a0, hiragana},     {0x3100, katakana},     {0x4e00, other_letter}, {0xa000, han_rare},
      {0xac00, other_letter}, {0xd7b0, hangul_rare},  {0xff00, other_letter}, {0xfff0, cjk_sign},
  }};
  for (const auto& [end, of] : blocks)
    if (c < end)
      return of;
  return other_letter;
}

/// Finds the script of a character without a branch: in a text of several scripts, as Japanese has,
/// no processor predicts which one is next.
class script_table {
public:
  constexpr script_table() {
    for (auto i = std::size_t{0}; i < blocks_.size(); ++i)
      blocks_[i] = block_script_of(static_cast<char32_t>(i * block_size));
    set_levels(common_han, 1);
    set_levels(frequent_han, 2);
    set_levels(common_hangul, 1);
    set_levels(frequent_hangul, 2);
  }

  /// Of a character below 0x10000.
  constexpr unsigned operator[](char32_t c) const {
    return blocks_[c / block_size] + (levels_[c / 4] >> (c % 4 * 2) & 3U);
  }

private:
  static constexpr auto block_size = std::size_t{16}; // every block begins at a multiple of it

  constexpr void set_levels(std::u16string_view characters, unsigned level) {
    for (const auto c : characters)
      levels_[c / 4U] |= static_cast<std::uint8_t>(level << (c % 4U * 2));
  }

  std::array<std::uint8_t, 0x10000 / block_size> blocks_{};
  std::array<std::uint8_t, 0x10000 / 4> levels_{}; ///< How common: two bits each.
};

inline constexpr auto script_of_bmp = script_table{};

constexpr unsigned script_of(char32_t c) {
  if (c < 0x10000)
    return script_of_bmp[c];
  return c >= 0x1f000 && c < 0x20000 ? token_feature::emoji : token_feature::far_plane;
}

} // namespace axonhub::llm
