#include "store/master_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/text.hpp"
#include "tests/support/temp_folder.hpp"

namespace axonhub::store {
namespace {

const auto thirty_two_bytes = std::string{"\0\1\2\3\4\5\6\7abcdefghijklmnopqrstuvw\xFF", 32};

std::filesystem::path write_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream{file, std::ios::binary} << text;
  return file;
}

TEST(master_key, is_read_from_hex_and_base64) {
  const auto hex = to_hex(thirty_two_bytes);
  const auto base64 = to_base64url(thirty_two_bytes);
  for (const auto& text : {hex, base64, base64 + "=", " " + hex + "\r\n"}) {
    SCOPED_TRACE(text);
    const auto key = parse_master_key(text);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->reveal(), thirty_two_bytes);
  }
}

TEST(master_key, is_derived_from_any_other_long_text) {
  const auto key = parse_master_key("correct horse battery staple, twice over");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->reveal().size(), 32u);
  EXPECT_EQ(*key, *parse_master_key("correct horse battery staple, twice over\n"));
  EXPECT_FALSE(*key == *parse_master_key("correct horse battery staple, twice overt"));
}

TEST(master_key, is_refused_below_32_characters) {
  for (const auto* text : {"", " \n", "correct horse battery staple 12"}) {
    const auto key = parse_master_key(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, errc::invalid_argument);
  }
}

TEST(master_key, is_generated_once_for_its_owner_alone) {
  const auto folder = tests::temp_folder{};
  const auto own = folder.path() / "master.key";
  const auto made = find_master_key({{}, {}, own, true});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->reveal().size(), 32u);
  struct stat facts {};
  ASSERT_EQ(::stat(own.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const auto read = find_master_key({{}, {}, own, false});
  ASSERT_TRUE(read);
  EXPECT_EQ(*made, *read);
}

TEST(master_key, is_generated_over_what_a_broken_start_left) {
  const auto folder = tests::temp_folder{};
  write_file(folder.path() / "master.key.new", "half");
  EXPECT_TRUE(find_master_key({{}, {}, folder.path() / "master.key", true}));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "master.key.new"));
}

TEST(master_key, is_not_generated_for_a_store_that_has_one) {
  const auto folder = tests::temp_folder{};
  const auto own = folder.path() / "master.key";
  const auto key = find_master_key({{}, {}, own, false});
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, errc::wrong_master_key);
  EXPECT_NE(key.error().message.find(own.string()), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(own));
}

TEST(master_key, comes_from_the_configuration_before_the_file_before_its_own) {
  const auto folder = tests::temp_folder{};
  const auto file = write_file(folder.path() / "file", std::string(32, 'f'));
  const auto own = write_file(folder.path() / "own", std::string(32, 'o'));
  const auto text = secret{std::string(32, 't')};
  EXPECT_EQ(*find_master_key({text, file, own, false}), *parse_master_key(std::string(32, 't')));
  EXPECT_EQ(*find_master_key({{}, file, own, false}), *parse_master_key(std::string(32, 'f')));
  EXPECT_EQ(*find_master_key({{}, {}, own, false}), *parse_master_key(std::string(32, 'o')));
}

TEST(master_key, names_a_configured_file_that_is_not_there) {
  const auto key = find_master_key({{}, "/nowhere/key", "/nowhere/own", true});
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().message.find("/nowhere/key"), std::string::npos);
}

} // namespace
} // namespace axonhub::store
