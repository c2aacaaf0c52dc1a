#include "base/shared_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>
#include <vector>

namespace axonhub {
namespace {

using namespace std::string_literals;

const auto texts = std::vector<std::string>{"",
                                            "a",
                                            "b",
                                            "ab",
                                            "a\0b"s,
                                            "a\0"s,
                                            "ch_aaaaaaaaaaaa",
                                            "ch_aaaaaaaaaaab",
                                            "ch_aaaaaaaaaaa",
                                            "\xc3\xa9t\xc3\xa9",
                                            "a text of 16 ch.",
                                            "a text of more than sixteen characters",
                                            "a text of more than sixteen letters"};

TEST(shared_text, gives_back_what_it_was_made_of) {
  for (const auto& text : texts) {
    SCOPED_TRACE(text);
    const auto made = shared_text{text};
    EXPECT_EQ(std::string{made}, text);
    EXPECT_EQ(made.size(), text.size());
    EXPECT_EQ(made.empty(), text.empty());
    EXPECT_EQ(made.c_str()[text.size()], '\0');
    EXPECT_EQ(made + "!", text + "!");
    EXPECT_EQ("<" + made, "<" + text);
    EXPECT_EQ('<' + (made + '>'), '<' + text + '>');
  }
}

TEST(shared_text, is_ordered_as_strings_are) {
  for (const auto& a : texts)
    for (const auto& b : texts) {
      SCOPED_TRACE(a + " and " + b);
      EXPECT_EQ(shared_text{a} == shared_text{b}, a == b);
      EXPECT_EQ(shared_text{a} <=> shared_text{b}, a <=> b);
      EXPECT_EQ(shared_text{a} == b, a == b);
      EXPECT_EQ(shared_text{a}.hash() == shared_text{b}.hash(), a == b);
    }
}

TEST(shared_text, stays_whole_when_its_copies_change) {
  for (const auto& text : texts) {
    auto first = shared_text{text};
    auto copy = first;
    auto moved = std::move(first);
    first = "another text, longer than fifteen";
    EXPECT_EQ(copy, text);
    copy = moved;
    moved = {};
    EXPECT_EQ(copy, text);
    EXPECT_TRUE(moved.empty());
    auto& itself = copy;
    copy = itself;
    EXPECT_EQ(copy, text);
  }
}

TEST(shared_text, copies_of_a_long_text_are_one) {
  const auto text = shared_text{"a text of more than fifteen characters"};
  const auto copy = text;
  EXPECT_EQ(static_cast<const void*>(copy.data()), static_cast<const void*>(text.data()));
}

TEST(shared_text, spreads_ids_over_tables) {
  constexpr auto places = std::size_t{1024};
  auto used = std::unordered_set<std::size_t>{};
  for (auto i = std::size_t{0}; i < places; ++i)
    used.insert(shared_text{"tr_" + std::to_string(i)}.hash() % places);
  EXPECT_GT(used.size(), places / 2); // by chance 63 percent
}

} // namespace
} // namespace axonhub
