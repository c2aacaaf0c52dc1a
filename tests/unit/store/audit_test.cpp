#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

policy::audit_entry entry_at(std::int64_t ms, std::string target) {
  auto entry = samples::full_audit();
  entry.at = from_unix_ms(ms);
  entry.target = std::move(target);
  return entry;
}

class audit_test : public testing::Test {
protected:
  void add(std::vector<policy::audit_entry> entries) {
    ASSERT_TRUE(kept->write({{}, std::move(entries), {}, {}}));
  }

  /// The targets page by page: "c b | a".
  std::string pages(std::size_t limit) {
    auto text = std::string{};
    auto cursor = std::string{};
    do {
      const auto page = kept->list_audit(cursor, limit).value();
      for (const auto& entry : page.first)
        text += entry.target + " ";
      cursor = page.second;
      text += cursor.empty() ? "" : "| ";
    } while (!cursor.empty());
    return text;
  }

  tests::temp_folder folder;
  std::unique_ptr<store> kept = samples::opened(samples::config_in(folder.path()));
};

TEST_F(audit_test, is_listed_newest_first) {
  add({entry_at(1, "a"), entry_at(3, "c")});
  add({entry_at(2, "b")}); // a clock that went back
  EXPECT_EQ(pages(10), "c b a ");
}

TEST_F(audit_test, keeps_every_entry_of_one_millisecond_in_its_order) {
  add({entry_at(1, "a"), entry_at(1, "b")});
  add({entry_at(1, "c"), entry_at(0, "z")});
  EXPECT_EQ(pages(10), "c b a z ");
}

TEST_F(audit_test, is_paged_without_gaps_or_repeats) {
  EXPECT_EQ(pages(2), "");
  add({entry_at(1, "a"), entry_at(1, "b"), entry_at(2, "c"), entry_at(2, "d"), entry_at(3, "e")});
  EXPECT_EQ(pages(2), "e d | c b | a ");
  EXPECT_EQ(pages(5), "e d c b a ");
  EXPECT_EQ(pages(4), "e d c b | a ");
}

TEST_F(audit_test, refuses_what_is_no_cursor) {
  for (const auto* cursor : {"?", "AAAA", "tr_1"})
    EXPECT_EQ(kept->list_audit(cursor, 1).error(), errc::invalid_argument) << cursor;
}

} // namespace
} // namespace axonhub::store
