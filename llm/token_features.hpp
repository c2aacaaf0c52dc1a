#pragma once

// What the token estimate tells apart in a text: the features, and which character is what.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "llm/token_characters.hpp"

namespace axonhub::llm {

/// What each character of a text counts as. A group of values stands for a place in a run of its
/// kind: those that the tokenisers were taught together cost less together.
namespace token_feature {

constexpr auto word_places = std::uint16_t{14}; // the last one is for all letters behind
constexpr auto caps_places = std::uint16_t{6};
constexpr auto digit_places = std::uint16_t{7};
constexpr auto sign_groups = std::uint16_t{14};
constexpr auto sign_places = std::uint16_t{3};
constexpr auto script_places = std::uint16_t{4};
constexpr auto again_places = std::uint16_t{4};
constexpr auto blank_places = std::uint16_t{5};
constexpr auto tab_places = std::uint16_t{3};
constexpr auto newline_places = std::uint16_t{3};

/// What stands before the first character of a word, a number or a run of signs.
enum before : std::uint8_t {
  after_space,
  after_blanks,
  after_sign,
  after_signs,
  after_digit,
  after_other
};
constexpr auto befores = std::uint16_t{6};

enum script : std::uint8_t {
  accented, // Latin letters with marks
  greek,
  cyrillic,
  hebrew_arabic,
  indic,
  thai,
  han_rare, // the three levels in the order of their bits below
  han_common,
  han_frequent,
  hiragana,
  katakana,
  hangul_rare,
  hangul_common,
  hangul_frequent,
  cjk_sign, // full stops, brackets and full-width letters of East Asia
  typographic,
  symbol,
  other_letter,
  emoji,
  far_plane,
};
constexpr auto scripts = std::uint16_t{20};

constexpr auto lower_start = std::uint16_t{0};      // + before
constexpr auto upper_start = lower_start + befores; // + before
constexpr auto camel_start = upper_start + befores; // an upper case letter behind a lower one
constexpr auto word = camel_start + 1;              // + place, behind a space
constexpr auto inner_word = word + word_places;     // + place, behind anything else
constexpr auto caps = inner_word + word_places;     // + place
constexpr auto caps_to_lower = caps + caps_places;
constexpr auto consonants = caps_to_lower + 1; // the fourth in a row and on
constexpr auto rare_letter = consonants + 1;
constexpr auto digit_start = rare_letter + 1; // + before
constexpr auto digit_after_letter = digit_start + befores;
constexpr auto digit = digit_after_letter + 1;                // + place
constexpr auto sign_start = digit + digit_places;             // + before
constexpr auto sign = sign_start + befores;                   // + group * sign_places + place
constexpr auto sign_again = sign + sign_groups * sign_places; // + place: the same sign again
constexpr auto space = sign_again + again_places;             // + place: inside a line
constexpr auto indent = space + blank_places;                 // + place: at the start of a line
constexpr auto tab = indent + blank_places;                   // + place
constexpr auto newline = tab + tab_places;                    // + place
constexpr auto newline_after_sign = newline + newline_places;
constexpr auto control = newline_after_sign + 1;
constexpr auto broken_byte = control + 1;
constexpr auto of_script = broken_byte + 1; // + script * script_places + place
constexpr auto script_change = of_script + scripts * script_places; // ASCII behind other scripts
constexpr auto count = script_change + 1;

} // namespace token_feature

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

/// Kinds of characters in ASCII; wide is for the bytes behind it.
enum class character_kind : std::uint8_t {
  control,
  space,
  tab,
  newline,
  digit,
  lower,
  upper,
  sign,
  wide
};

/// Lines end with either of two characters, and both.
constexpr character_kind kind_of(unsigned char c) {
  if (c >= 0x80)
    return character_kind::wide;
  if (c >= 'a' && c <= 'z')
    return character_kind::lower;
  if (c >= 'A' && c <= 'Z')
    return character_kind::upper;
  if (c >= '0' && c <= '9')
    return character_kind::digit;
  if (c == ' ')
    return character_kind::space;
  if (c == '\t')
    return character_kind::tab;
  if (c == '\n' || c == '\r')
    return character_kind::newline;
  return c < ' ' || c == 0x7f ? character_kind::control : character_kind::sign;
}

/// Signs that the tokenisers treat alike; 0 for all without a group of their own.
constexpr std::uint16_t sign_group_of(unsigned char c) {
  constexpr auto groups = std::array<std::string_view, token_feature::sign_groups - 1>{
      "\"", "'`", "([{", ")]}", ",", ":;", ".", "/", "\\", "-", "_", "=<>", "#*"};
  for (auto i = std::size_t{0}; i < groups.size(); ++i)
    if (groups[i].find(static_cast<char>(c)) != std::string_view::npos)
      return static_cast<std::uint16_t>(i + 1);
  return 0;
}

struct character_entry {
  character_kind kind = character_kind::control;
  std::uint8_t sign_group = 0;
  std::uint8_t consonant = 0; ///< 1 or 0, as the next one, to count with.
  std::uint8_t rare = 0;
};

inline constexpr auto character_table = [] {
  auto table = std::array<character_entry, 256>{};
  for (auto c = 0U; c < table.size(); ++c) {
    const auto byte = static_cast<unsigned char>(c);
    const auto letter = static_cast<char>(c | 0x20U);
    auto& entry = table[c];
    entry.kind = kind_of(byte);
    entry.sign_group = static_cast<std::uint8_t>(sign_group_of(byte));
    const auto is_letter =
        entry.kind == character_kind::lower || entry.kind == character_kind::upper;
    entry.consonant =
        is_letter && std::string_view{"aeiouy"}.find(letter) == std::string_view::npos ? 1 : 0;
    entry.rare =
        is_letter && std::string_view{"jkqvwxz"}.find(letter) != std::string_view::npos ? 1 : 0;
  }
  return table;
}();

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

/// One character of UTF-8 behind ASCII, of `size` bytes. Size 0: `text` ends inside of it. A byte
/// that belongs to none has size 1 and is not valid.
struct wide_character {
  char32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

inline wide_character read_wide(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const auto size = lead >= 0xf0 ? std::size_t{4} : lead >= 0xe0 ? std::size_t{3} : std::size_t{2};
  if (lead < 0xc2 || lead > 0xf4)
    return {};
  auto code = static_cast<char32_t>(lead & (0xffU >> (size + 1)));
  for (auto i = std::size_t{1}; i < size; ++i) {
    if (i == text.size())
      return {0, 0, false};
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80U)
      return {};
    code = code << 6U | (next & 0x3fU);
  }
  return {code, size, true};
}

} // namespace axonhub::llm
