#pragma once

// What each character of a text counts as. llm/token_table.hpp makes a table of these rules, and
// tools/token_fit counts with them.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "llm/token_symbols.hpp"

namespace axonhub::llm {

/// Where a walk stands: what of the text so far makes a difference for the next character.
struct walk_state {
  enum kind : std::uint8_t {
    other, // nothing yet, or what makes no run
    lower,
    upper,
    digit,
    sign,
    space,
    indent, // spaces at the start of a line
    tab,
    newline,
    of_script, // + script
  };

  std::uint8_t last = other; ///< The kind of the last character.
  /// Of the run of this kind; for lower, of the word. No more than makes a difference.
  std::uint8_t length = 0;
  std::uint8_t streak = 0;   ///< Consonants, or repetitions of a sign, at the end.
  bool behind_space = false; ///< The word stands behind a space.
};

/// Calls count(feature) for what each character of a text counts as, and never for what may still
/// change when the text goes on. So a sum of costs that are not negative does not fall when text is
/// appended.
template <class F>
class token_walker {
public:
  constexpr explicit token_walker(F count, walk_state from = {}) : count_(count), at_(from) {}

  constexpr void step(unsigned symbol) {
    if (symbol >= token_symbol::of_script)
      return wide(symbol - token_symbol::of_script);
    if (at_.last >= walk_state::of_script && token_symbol::is_visible(symbol))
      count_(token_feature::script_change);
    if (symbol < token_symbol::upper)
      return lower(symbol - token_symbol::lower);
    if (symbol < token_symbol::digit)
      return upper(symbol - token_symbol::upper);
    switch (symbol) {
      case token_symbol::digit:
        return digit();
      case token_symbol::sign_again:
        return sign_again();
      case token_symbol::space:
        return space();
      case token_symbol::tab:
        return run(walk_state::tab, token_feature::tab, token_feature::tab_places);
      case token_symbol::newline:
        return newline();
      case token_symbol::control:
        return odd(token_feature::control);
      case token_symbol::broken_byte:
        return odd(token_feature::broken_byte);
      default:
        return sign(symbol - token_symbol::sign);
    }
  }

  constexpr const walk_state& state() const { return at_; }

private:
  constexpr bool in_word() const {
    return at_.last == walk_state::lower || at_.last == walk_state::upper ||
           at_.last == walk_state::of_script + unsigned{token_feature::accented};
  }

  constexpr unsigned before() const {
    const auto is_one = at_.length == 1;
    switch (at_.last) {
      case walk_state::digit:
        return token_feature::after_digit;
      case walk_state::sign:
        return is_one ? token_feature::after_sign : token_feature::after_signs;
      case walk_state::space:
      case walk_state::indent:
        return is_one ? token_feature::after_space : token_feature::after_blanks;
      case walk_state::tab:
      case walk_state::newline:
        return token_feature::after_blanks;
      default:
        return token_feature::after_other;
    }
  }

  constexpr void lengthen(unsigned most) {
    at_.length = static_cast<std::uint8_t>(std::min(at_.length + 1U, most));
  }

  /// Counts the next place in a run of one kind, or the first.
  constexpr void run(unsigned kind, unsigned first_place, unsigned places) {
    if (at_.last != kind)
      at_ = {.last = static_cast<std::uint8_t>(kind)};
    count_(first_place + at_.length);
    lengthen(places - 1);
  }

  constexpr void begin_word(unsigned start) {
    count_(start);
    at_ = {.behind_space = at_.last == walk_state::space || at_.last == walk_state::indent};
  }

  constexpr unsigned first_letter() const {
    return at_.behind_space ? token_feature::word : token_feature::inner_word;
  }

  constexpr void letter(unsigned which) {
    if (which == token_symbol::rare_consonant)
      count_(token_feature::rare_letter);
    if (which == token_symbol::vowel)
      at_.streak = 0;
    else if (at_.streak < 3)
      ++at_.streak;
    else
      count_(token_feature::consonants);
  }

  /// The place of the next letter of a word; its capitals before that count as one letter.
  constexpr unsigned next_place() {
    if (at_.last == walk_state::upper)
      at_.length = 1;
    const auto place = at_.length;
    at_.last = walk_state::lower;
    lengthen(token_feature::word_places - 1);
    return place;
  }

  constexpr void lower(unsigned which) {
    if (!in_word())
      begin_word(token_feature::lower_start + before());
    else if (at_.last == walk_state::upper && at_.length > 1)
      count_(token_feature::caps_to_lower);
    count_(first_letter() + next_place());
    letter(which);
  }

  constexpr void upper(unsigned which) {
    if (at_.last != walk_state::upper)
      begin_word(in_word() ? token_feature::camel_start : token_feature::upper_start + before());
    count_(at_.length == 0 ? first_letter() : token_feature::caps + at_.length - 1U);
    letter(which);
    at_.last = walk_state::upper;
    lengthen(token_feature::caps_places);
  }

  constexpr void digit() {
    if (at_.last != walk_state::digit)
      count_(in_word() ? token_feature::digit_after_letter : token_feature::digit_start + before());
    run(walk_state::digit, token_feature::digit, token_feature::digit_places + 1);
    if (at_.length == token_feature::digit_places) // the last three places go round
      at_.length -= 3;
  }

  constexpr void sign(unsigned group) {
    if (at_.last != walk_state::sign)
      count_(token_feature::sign_start + before());
    run(walk_state::sign, token_feature::sign + group * token_feature::sign_places,
        token_feature::sign_places);
    at_.streak = 0;
  }

  constexpr void sign_again() {
    if (at_.last != walk_state::sign)
      return; // no text has that
    count_(token_feature::sign_again + at_.streak);
    if (at_.streak < token_feature::again_places - 1)
      ++at_.streak;
    lengthen(token_feature::sign_places - 1);
  }

  constexpr void space() {
    if (at_.last == walk_state::newline || at_.last == walk_state::indent)
      run(walk_state::indent, token_feature::indent, token_feature::blank_places);
    else
      run(walk_state::space, token_feature::space, token_feature::blank_places);
  }

  constexpr void newline() {
    if (at_.last != walk_state::sign)
      return run(walk_state::newline, token_feature::newline, token_feature::newline_places);
    count_(token_feature::newline_after_sign);
    at_ = {.last = walk_state::newline, .length = 1};
  }

  constexpr void odd(unsigned feature) {
    count_(feature);
    at_ = {};
  }

  constexpr void wide(unsigned script) {
    const auto feature = token_feature::of_script + script * token_feature::script_places;
    if (script != token_feature::accented || !in_word())
      return run(walk_state::of_script + script, feature, token_feature::script_places);
    count_(feature + 1); // a letter like the others
    next_place();
  }

  F count_;
  walk_state at_;
};

} // namespace axonhub::llm
