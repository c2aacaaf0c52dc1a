#include "llm/token_table.hpp"

#include "tests/unit/llm/padded.hpp"

#include <random>
#include <vector>

namespace axonhub::llm {
namespace {

namespace feature = token_feature;

std::vector<unsigned> features_of(std::string_view text) {
  auto features = std::vector<unsigned>{};
  auto walker = token_walker{[&features](unsigned f) { features.push_back(f); }};
  for_each_symbol(text, [&walker](unsigned symbol) { walker.step(symbol); });
  return features;
}

constexpr unsigned of_script(unsigned script, unsigned place) {
  return feature::of_script + script * feature::script_places + place;
}

constexpr unsigned sign(unsigned group, unsigned place) {
  return feature::sign + group * feature::sign_places + place;
}

TEST(token_walker, counts_each_character_by_its_place) {
  using features = std::vector<unsigned>;
  struct {
    std::string_view name;
    std::string_view text;
    features expected;
  } cases[] = {
      {"nothing", "", {}},
      {"a word",
       "ab",
       {feature::lower_start + feature::after_other, feature::inner_word, feature::inner_word + 1}},
      {"a word behind a space",
       " a",
       {feature::space, feature::lower_start + feature::after_space, feature::word}},
      {"capitals and a word",
       "ABc",
       {feature::upper_start + feature::after_other, feature::inner_word, feature::caps,
        feature::caps_to_lower, feature::inner_word + 1}},
      {"a capital in a word",
       "aB",
       {feature::lower_start + feature::after_other, feature::inner_word, feature::camel_start,
        feature::inner_word}},
      {"the fourth consonant",
       "bcdf",
       {feature::lower_start + feature::after_other, feature::inner_word, feature::inner_word + 1,
        feature::inner_word + 2, feature::inner_word + 3, feature::consonants}},
      {"a rare letter",
       "Z",
       {feature::upper_start + feature::after_other, feature::inner_word, feature::rare_letter}},
      {"digits go round",
       "a12345678",
       {feature::lower_start + feature::after_other, feature::inner_word,
        feature::digit_after_letter, feature::digit, feature::digit + 1, feature::digit + 2,
        feature::digit + 3, feature::digit + 4, feature::digit + 5, feature::digit + 6,
        feature::digit + 4}},
      {"signs, one of them again",
       "({{",
       {feature::sign_start + feature::after_other, sign(3, 0), sign(3, 1), feature::sign_again}},
      {"an indent behind a sign",
       ";\n  a",
       {feature::sign_start + feature::after_other, sign(6, 0), feature::newline_after_sign,
        feature::indent, feature::indent + 1, feature::lower_start + feature::after_blanks,
        feature::word}},
      {"another script",
       "中のa",
       {of_script(feature::han_frequent, 0), of_script(feature::hiragana, 0),
        feature::script_change, feature::lower_start + feature::after_other, feature::inner_word}},
      {"an accented letter",
       "né",
       {feature::lower_start + feature::after_other, feature::inner_word,
        of_script(feature::accented, 1)}},
      {"an accented letter begins a word",
       "été",
       {of_script(feature::accented, 0), feature::script_change, feature::inner_word + 1,
        of_script(feature::accented, 1)}},
      {"a broken byte and a cut character", "\xff\xe4\xb8", {feature::broken_byte}},
  };
  for (const auto& [name, text, expected] : cases)
    EXPECT_EQ(features_of(text), expected) << name;
}

TEST(token_walker, counts_the_consonants_of_one_word) {
  for (const auto* text : {"nds été", "str ng", "strIng", "sts1s", "bcd\nf"})
    for (const auto f : features_of(text))
      EXPECT_NE(f, unsigned{feature::consonants}) << text;
}

/// Another cost for each feature: a step that mistakes one for another is seen.
constexpr auto costs = [] {
  auto all = token_table::feature_costs{};
  for (auto i = std::size_t{0}; i < all.size(); ++i)
    all[i] = static_cast<std::uint16_t>(i * i % 8191);
  return all;
}();
constexpr auto table = token_table{costs};

void expect_the_same(std::string_view text) {
  auto expected = std::uint64_t{0};
  for (const auto f : features_of(text))
    expected += costs[f];
  ASSERT_EQ(table.cost_of(text), expected) << text;
}

TEST(token_table, costs_what_the_rules_say) {
  for (const auto* name : {"english", "code", "json", "cjk"})
    expect_the_same(fixture(std::string{"tokens/"} + name + ".jsonl"));
}

TEST(token_table, costs_what_the_rules_say_of_any_bytes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  auto random = std::mt19937{seed};
  constexpr auto pieces = std::array<std::string_view, 22>{
      "a", "word", "KLM", "é",    "中", "の", "ア",    "한", "🙂", "я", "\xff",
      " ", "    ", "\n",  "\r\n", "\t", "1",  "23456", "==", "\"},", "-", "\x01"};
  for (auto round = 0; round < 500; ++round) {
    auto text = std::string{};
    for (auto i = 0; i < 60; ++i)
      text += random() % 8 == 0 ? std::string(1, static_cast<char>(random()))
                                : std::string{pieces[random() % pieces.size()]};
    expect_the_same(text);
  }
}

TEST(script_of, goes_by_blocks_and_frequency) {
  struct {
    char32_t c;
    unsigned expected;
  } cases[] = {
      {U'\x80', feature::symbol},      {U'ß', feature::accented},
      {U'Ω', feature::greek},          {U'я', feature::cyrillic},
      {U'ա', feature::other_letter},   {U'ש', feature::hebrew_arabic},
      {U'क', feature::indic},          {U'ก', feature::thai},
      {U'ế', feature::accented},       {U'—', feature::typographic},
      {U'→', feature::symbol},         {U'。', feature::cjk_sign},
      {U'の', feature::hiragana},      {U'ア', feature::katakana},
      {U'龘', feature::han_rare},      {U'丁', feature::han_common},
      {U'一', feature::han_frequent},  {U'뷁', feature::hangul_rare},
      {U'각', feature::hangul_common}, {U'가', feature::hangul_frequent},
      {U'Ａ', feature::cjk_sign},      {U'\xffff', feature::other_letter},
      {U'🙂', feature::emoji},       {U'𠮷', feature::far_plane},
  };
  for (const auto& [c, expected] : cases)
    EXPECT_EQ(script_of(c), expected) << static_cast<unsigned>(c);
}

} // namespace
} // namespace axonhub::llm
