#pragma once

// What the token estimate tells apart in a text.

#include <cstdint>

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

} // namespace axonhub::llm
