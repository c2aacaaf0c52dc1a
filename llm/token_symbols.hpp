#pragma once

// How the token estimate reads a text: as symbols, one for all characters that cost the same.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "llm/token_features.hpp"
#include "llm/token_scripts.hpp"

namespace axonhub::llm {

namespace token_symbol {

enum letter : std::uint8_t { vowel, consonant, rare_consonant };
constexpr auto letters = std::uint8_t{3};

constexpr auto lower = std::uint8_t{0}; // + letter
constexpr auto upper = lower + letters; // + letter
constexpr auto digit = upper + letters;
constexpr auto sign = digit + 1;                               // + group
constexpr auto sign_again = sign + token_feature::sign_groups; // the sign that stands before it
constexpr auto space = sign_again + 1;
constexpr auto tab = space + 1;
constexpr auto newline = tab + 1; // lines end with either of two characters, and both
constexpr auto control = newline + 1;
constexpr auto broken_byte = control + 1;
constexpr auto of_script = broken_byte + 1; // + script
constexpr auto count = of_script + token_feature::scripts;

/// Of symbols in ASCII.
constexpr bool is_visible(unsigned symbol) { return symbol < space; }

} // namespace token_symbol

constexpr unsigned letter_of(char lower) {
  if (std::string_view{"aeiouy"}.find(lower) != std::string_view::npos)
    return token_symbol::vowel;
  if (std::string_view{"jkqvwxz"}.find(lower) != std::string_view::npos)
    return token_symbol::rare_consonant;
  return token_symbol::consonant;
}

/// Signs that the tokenisers treat alike; 0 for all without a group of their own.
constexpr unsigned sign_group_of(char c) {
  constexpr auto groups = std::array<std::string_view, token_feature::sign_groups - 1>{
      "\"", "'`", "([{", ")]}", ",", ":;", ".", "/", "\\", "-", "_", "=<>", "#*"};
  for (auto i = 0U; i < groups.size(); ++i)
    if (groups[i].find(c) != std::string_view::npos)
      return i + 1;
  return 0;
}

constexpr unsigned ascii_symbol_of(char c) {
  using namespace token_symbol;
  if (c >= 'a' && c <= 'z')
    return lower + letter_of(c);
  if (c >= 'A' && c <= 'Z')
    return upper + letter_of(static_cast<char>(c - 'A' + 'a'));
  if (c >= '0' && c <= '9')
    return digit;
  if (c == ' ')
    return space;
  if (c == '\t')
    return tab;
  if (c == '\n' || c == '\r')
    return newline;
  return c < ' ' || c == '\x7f' ? control : sign + sign_group_of(c);
}

/// The symbols of ASCII characters: [1] for one that stands behind the same one, else [0].
inline constexpr auto ascii_symbols = [] {
  auto symbols = std::array<std::array<std::uint8_t, 128>, 2>{};
  for (auto c = std::size_t{0}; c < 128; ++c) {
    const auto symbol = ascii_symbol_of(static_cast<char>(c));
    const auto is_sign = symbol >= token_symbol::sign && symbol < token_symbol::sign_again;
    symbols[0][c] = static_cast<std::uint8_t>(symbol);
    symbols[1][c] = static_cast<std::uint8_t>(is_sign ? token_symbol::sign_again : symbol);
  }
  return symbols;
}();

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

/// Calls on_symbol(symbol) for each character of a text, but for one that the text ends inside of;
/// returns on_symbol.
template <class F>
F for_each_symbol(std::string_view text, F on_symbol) {
  auto previous = 0U;
  for (auto i = std::size_t{0}; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      on_symbol(unsigned{ascii_symbols[c == previous][c]});
      previous = c;
      ++i;
      continue;
    }
    const auto wide = read_wide(text.substr(i, 4));
    if (wide.size == 0)
      break;
    on_symbol(wide.valid ? token_symbol::of_script + script_of(wide.code)
                         : unsigned{token_symbol::broken_byte});
    previous = 0;
    i += wide.size;
  }
  return on_symbol;
}

} // namespace axonhub::llm
