#pragma once

// How the token estimate cuts a text. tools/token_fit counts with it too.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "llm/token_features.hpp"

namespace axonhub::llm {

/// Calls count(feature, times) for what each character of a text counts as: a few times for one,
/// and never for what may still change when the text goes on. So a sum of costs that are not
/// negative does not fall when text is appended.
template <class F>
class token_walker {
public:
  explicit token_walker(F count) : count_(count) {}

  /// Counts a whole text; one walker is for one text.
  void walk(std::string_view text) {
    for (auto i = std::size_t{0}; i < text.size();) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c < 0x80) {
        i = ascii(text, i, character_table[c]);
        continue;
      }
      const auto wide = read_wide(text.substr(i, 4));
      if (wide.size == 0) // the text ends inside of a character
        return;
      if (wide.valid)
        of_script(script_of(wide.code));
      else
        odd(token_feature::broken_byte);
      i += wide.size;
    }
  }

  const F& counter() const { return count_; }

private:
  enum class last : std::uint8_t {
    start,
    lower,
    upper,
    digit,
    sign,
    space,
    line,
    tab,
    script,
    odd
  };

  void add(unsigned feature, unsigned times = 1) {
    count_(static_cast<std::uint16_t>(feature), times);
  }

  static unsigned place(unsigned n, unsigned places) { return std::min(n, places - 1); }

  /// Takes the run of one kind that starts at `i`; returns where it ends.
  std::size_t ascii(std::string_view text, std::size_t i, const character_entry& first) {
    if (last_ == last::script && first.kind >= character_kind::digit)
      add(token_feature::script_change);
    // Most runs are of these two: a branch of their own is predicted better than a jump table.
    if (first.kind == character_kind::lower)
      return lower(text, i);
    if (first.kind == character_kind::space)
      return spaces(text, i);
    switch (first.kind) {
      case character_kind::upper:
        return upper(text, i);
      case character_kind::digit:
        return digits(text, i);
      case character_kind::sign:
        return signs(text, i);
      case character_kind::newline:
        return newlines(text, i);
      case character_kind::tab:
        return tabs(text, i);
      default:
        odd(token_feature::control);
        return i + 1;
    }
  }

  static character_kind kind_at(std::string_view text, std::size_t i) {
    return character_table[static_cast<unsigned char>(text[i])].kind;
  }

  /// Calls on_next(entry, n) for the characters of one kind from `i`, n from 0; returns the end.
  template <class G>
  static std::size_t each(std::string_view text, std::size_t i, character_kind kind, G on_next) {
    for (auto n = 0U; i < text.size(); ++i, ++n) {
      const auto& entry = character_table[static_cast<unsigned char>(text[i])];
      if (entry.kind != kind)
        break;
      on_next(entry, n);
    }
    return i;
  }

  void leave(last kind, token_feature::before before, bool in_word = false) {
    last_ = kind;
    before_ = before;
    in_word_ = in_word;
  }

  void begin_word(unsigned start_feature) {
    add(start_feature);
    word_base_ = last_ == last::space ? token_feature::word : token_feature::inner_word;
    word_ = 0;
    consonants_ = 0;
  }

  /// Counts a run of letters; on_place(n) is the feature of the n-th one.
  template <class G>
  std::size_t letters(std::string_view text, std::size_t i, character_kind kind, G on_place) {
    auto count = count_; // what is local stays in registers
    auto consonants = consonants_;
    const auto end = each(text, i, kind, [&](const character_entry& letter, unsigned n) {
      consonants = (consonants << 1U | letter.consonant) & 15U; // no branch: nobody can predict it
      count(static_cast<std::uint16_t>(on_place(n)), 1);
      count(token_feature::rare_letter, letter.rare);
      count(token_feature::consonants, static_cast<unsigned>(consonants == 15));
    });
    consonants_ = consonants;
    count_ = count;
    return end;
  }

  std::size_t lower(std::string_view text, std::size_t i) {
    if (!in_word_)
      begin_word(token_feature::lower_start + before_);
    else if (last_ == last::upper && caps_ > 1) {
      add(token_feature::caps_to_lower);
      word_ = 1;
    }
    for (;;) {
      const auto start =
          std::exchange(i, letters(text, i, character_kind::lower, [this, at = word_](unsigned n) {
                          return word_base_ + place(at + n, token_feature::word_places);
                        }));
      word_ += static_cast<unsigned>(i - start);
      if (text.size() - i < 2 || text[i] != ' ' || kind_at(text, i + 1) != character_kind::lower)
        break;
      // The next word of a sentence, without a way around: this is what most texts are.
      add(token_feature::space);
      last_ = last::space;
      begin_word(token_feature::lower_start + token_feature::after_space);
      ++i;
    }
    leave(last::lower, token_feature::after_other, true);
    return i;
  }

  std::size_t upper(std::string_view text, std::size_t i) {
    begin_word(in_word_ ? token_feature::camel_start : token_feature::upper_start + before_);
    const auto end = letters(text, i, character_kind::upper, [this](unsigned n) -> unsigned {
      return n == 0 ? word_base_ : token_feature::caps + place(n - 1, token_feature::caps_places);
    });
    word_ = 1;
    caps_ = end - i;
    leave(last::upper, token_feature::after_other, true);
    return end;
  }

  std::size_t digits(std::string_view text, std::size_t i) {
    add(in_word_ ? unsigned{token_feature::digit_after_letter}
                 : unsigned{token_feature::digit_start} + before_);
    leave(last::digit, token_feature::after_digit);
    return each(text, i, character_kind::digit, [this](const character_entry&, unsigned n) {
      add(token_feature::digit + (n < 4 ? n : 4 + (n - 4) % 3));
    });
  }

  std::size_t signs(std::string_view text, std::size_t i) {
    add(token_feature::sign_start + before_);
    auto again = 0U;
    const auto end = each(text, i, character_kind::sign, [&](const character_entry& e, unsigned n) {
      again = n > 0 && text[i + n] == text[i + n - 1] ? again + 1 : 0;
      add(again > 0 ? token_feature::sign_again + place(again - 1, token_feature::again_places)
                    : token_feature::sign + e.sign_group * token_feature::sign_places +
                          place(n, token_feature::sign_places));
    });
    leave(last::sign, end - i == 1 ? token_feature::after_sign : token_feature::after_signs);
    return end;
  }

  std::size_t spaces(std::string_view text, std::size_t i) {
    const auto base = last_ == last::line ? token_feature::indent : token_feature::space;
    const auto end =
        each(text, i, character_kind::space, [this, base](const character_entry&, unsigned n) {
          add(base + place(n, token_feature::blank_places));
        });
    leave(last::space, end - i == 1 ? token_feature::after_space : token_feature::after_blanks);
    return end;
  }

  std::size_t newlines(std::string_view text, std::size_t i) {
    const auto behind_sign = last_ == last::sign;
    leave(last::line, token_feature::after_blanks);
    return each(text, i, character_kind::newline, [&](const character_entry&, unsigned n) {
      add(behind_sign && n == 0 ? token_feature::newline_after_sign
                                : token_feature::newline + place(n, token_feature::newline_places));
    });
  }

  std::size_t tabs(std::string_view text, std::size_t i) {
    leave(last::tab, token_feature::after_blanks);
    return each(text, i, character_kind::tab, [this](const character_entry&, unsigned n) {
      add(token_feature::tab + place(n, token_feature::tab_places));
    });
  }

  void of_script(token_feature::script script) {
    const auto base = token_feature::of_script + script * token_feature::script_places;
    if (script == token_feature::accented && in_word_) { // a letter like the others
      add(base + 1);
      ++word_;
      leave(last::lower, token_feature::after_other, true);
      return;
    }
    script_run_ = last_ == last::script && script == script_ ? script_run_ + 1 : 0;
    script_ = script;
    add(base + place(script_run_, token_feature::script_places));
    if (script == token_feature::accented) {
      word_base_ = token_feature::inner_word;
      word_ = 1;
    }
    leave(last::script, token_feature::after_other, script == token_feature::accented);
  }

  void odd(unsigned feature) {
    add(feature);
    leave(last::odd, token_feature::after_other);
  }

  F count_;
  last last_ = last::start;
  token_feature::before before_ = token_feature::after_other;
  bool in_word_ = false;
  unsigned word_base_ = token_feature::inner_word;
  unsigned word_ = 0;       // letters of the word so far
  unsigned consonants_ = 0; // a bit for each of the last four letters
  std::size_t caps_ = 0;    // upper case letters in a row
  unsigned script_run_ = 0;
  token_feature::script script_ = token_feature::accented;
};

} // namespace axonhub::llm
