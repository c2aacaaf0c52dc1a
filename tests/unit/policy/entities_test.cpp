#include "policy/entities.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

template <class Enum>
void expect_every_word_to_read_back(std::initializer_list<Enum> all) {
  for (const auto value : all) {
    SCOPED_TRACE(to_text(value));
    EXPECT_EQ(from_text<Enum>(to_text(value)), value);
  }
  EXPECT_EQ(from_text<Enum>("unknown"), std::nullopt);
  EXPECT_EQ(from_text<Enum>(""), std::nullopt);
}

TEST(entity_words, read_back_what_they_write) {
  expect_every_word_to_read_back({match_kind::automatic, match_kind::exact, match_kind::regex});
  expect_every_word_to_read_back({tag_match::any, tag_match::all, tag_match::none});
  expect_every_word_to_read_back(
      {auth_scheme::automatic, auth_scheme::bearer, auth_scheme::x_api_key});
  expect_every_word_to_read_back(
      {channel_status::enabled, channel_status::disabled, channel_status::archived});
}

TEST(entity_words, are_the_words_of_the_admin_api) {
  EXPECT_EQ(to_text(auth_scheme::automatic), "auto");
  EXPECT_EQ(to_text(auth_scheme::x_api_key), "x_api_key");
  EXPECT_EQ(to_text(channel_status::archived), "archived");
  EXPECT_EQ(to_text(tag_match::none), "none");
}

} // namespace
} // namespace axonhub::policy
