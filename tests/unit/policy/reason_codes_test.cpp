#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "policy/failure.hpp"
#include "policy/health_view.hpp"
#include "policy/key_ledger.hpp"
#include "policy/record.hpp"
#include "policy/route.hpp"

namespace axonhub::policy {
namespace {

std::string page() {
  auto file = std::ifstream{AXONHUB_FIXTURES "/../../docs/reason-codes.md"};
  auto text = std::ostringstream{};
  text << file.rdbuf();
  return text.str();
}

/// The words of every enumerator: they count up from 0 without gaps.
template <class Enum>
std::vector<std::string> words_of() {
  auto words = std::vector<std::string>{};
  for (auto i = 0; i < 256; ++i)
    if (const auto word = to_text(static_cast<Enum>(i)); word != "unknown")
      words.emplace_back(word);
  return words;
}

std::size_t rows_of(const std::string& text, const std::string& code) {
  const auto row = "\n| `" + code + "` |";
  auto count = std::size_t{0};
  for (auto at = text.find(row); at != std::string::npos; at = text.find(row, at + 1))
    ++count;
  return count;
}

TEST(reason_codes, each_have_their_row_on_the_page) {
  const auto text = page();
  auto expected = words_of<reason>();
  for (auto& word : words_of<failure_kind>())
    expected.push_back(std::move(word));
  for (auto& word : words_of<key_reason>())
    expected.push_back(std::move(word));
  for (auto& word : words_of<request_end>())
    expected.push_back(std::move(word));
  EXPECT_EQ(expected.size(), 20u + 25u + 5u + 3u);
  for (const auto& code : expected)
    EXPECT_EQ(rows_of(text, code), 1u) << code;
}

TEST(reason_codes, are_all_that_the_page_lists) {
  auto rows = std::size_t{0};
  const auto text = page();
  for (auto at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1))
    ++rows;
  EXPECT_EQ(rows, words_of<reason>().size() + words_of<failure_kind>().size() +
                      words_of<key_reason>().size() + words_of<request_end>().size());
}

std::string cell(const std::string& text, const std::string& code, int column) {
  auto at = text.find("\n| `" + code + "` |") + 1;
  for (auto i = 0; i < column; ++i)
    at = text.find("| ", at + 1);
  return text.substr(at + 2, text.find(" |", at + 1) - at - 2);
}

TEST(reason_codes, tell_what_the_failure_table_says) {
  const auto text = page();
  for (const auto& code : words_of<failure_kind>()) {
    SCOPED_TRACE(code);
    auto kind = std::uint8_t{0};
    while (to_text(static_cast<failure_kind>(kind)) != code)
      ++kind;
    const auto rule = rule_for(static_cast<failure_kind>(kind));
    const auto here = cell(text, code, 2);
    EXPECT_EQ(here != "no", rule.retry_here || rule.other_credential || code == "signature")
        << here;
    EXPECT_EQ(here == "with another credential", rule.other_credential);
    EXPECT_EQ(cell(text, code, 3), rule.next_channel ? "yes" : "no");
    using enum health_effect;
    const auto effect = cell(text, code, 4);
    EXPECT_EQ(effect == "none", rule.effect == none);
    EXPECT_EQ(effect == "breaker", rule.effect == breaker);
    EXPECT_EQ(effect == "cooldown", rule.effect == cooldown);
    EXPECT_EQ(effect == "the credential rests", rule.effect == credential_cooldown);
    EXPECT_EQ(effect == "the credential is out", rule.effect == credential_bench);
  }
}

TEST(reason_codes, include_the_states_of_health) {
  const auto text = page();
  for (const auto& state : words_of<health_state>())
    EXPECT_NE(text.find("`" + state + "`"), std::string::npos) << state;
}

TEST(request_status, has_the_words_of_the_admin_api) {
  EXPECT_EQ(
      words_of<request_status>(),
      (std::vector<std::string>{"in_progress", "completed", "failed", "cancelled", "partial"}));
}

} // namespace
} // namespace axonhub::policy
