#include "net/admin/access.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "config/config.hpp"
#include "tests/support/temp_folder.hpp"

namespace axonhub::net {
namespace {

config::config settings_in(const tests::temp_folder& folder, std::string token = {}) {
  auto settings = config::config{};
  settings.db.path = folder.path().string();
  settings.admin.token = secret{std::move(token)};
  return settings;
}

std::string read_line(const std::filesystem::path& file) {
  auto line = std::string{};
  auto in = std::ifstream{file};
  std::getline(in, line);
  return line;
}

::mode_t mode_of(const std::filesystem::path& file) {
  struct stat seen {};
  EXPECT_EQ(::stat(file.c_str(), &seen), 0);
  return seen.st_mode & 0777;
}

TEST(admin_access, admits_the_configured_token_alone) {
  const auto folder = tests::temp_folder{};
  const auto opened = admin_access::open(settings_in(folder, "right-token"));
  ASSERT_TRUE(opened);
  const auto& access = **opened;
  struct {
    std::string_view authorization;
    bool expected;
  } cases[] = {
      {"Bearer right-token", true},
      {"bearer right-token", true},
      {"Bearer  right-token ", true},
      {"Bearer right-tokenx", false},
      {"Bearer right-toke", false},
      {"Basic right-token", false},
      {"right-token", false},
      {"Bearer ", false},
      {"Bearer", false},
      {"", false},
  };
  for (const auto& [authorization, expected] : cases)
    EXPECT_EQ(access.admits(authorization), expected) << authorization;
  EXPECT_EQ(access.actor(), "token");
  EXPECT_FALSE(std::filesystem::exists(setup_token_file(folder.path())));
}

TEST(admin_access, makes_a_setup_token_for_its_owner_alone) {
  const auto folder = tests::temp_folder{};
  const auto before = ::umask(0);
  const auto opened = admin_access::open(settings_in(folder));
  ::umask(before);
  ASSERT_TRUE(opened);
  const auto file = setup_token_file(folder.path());
  EXPECT_EQ(mode_of(file), 0600u);
  const auto token = read_line(file);
  EXPECT_EQ(token.size(), 43u); // 256 bits
  EXPECT_TRUE((*opened)->admits("Bearer " + token));
  EXPECT_FALSE((*opened)->admits("Bearer "));
  EXPECT_EQ((*opened)->actor(), "setup-token");
}

TEST(admin_access, keeps_the_setup_token_over_a_restart) {
  const auto folder = tests::temp_folder{};
  ASSERT_TRUE(admin_access::open(settings_in(folder)));
  const auto token = read_line(setup_token_file(folder.path()));
  const auto again = admin_access::open(settings_in(folder));
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->admits("Bearer " + token));
}

TEST(admin_access, takes_a_rotated_token_while_it_runs) {
  const auto folder = tests::temp_folder{};
  const auto opened = admin_access::open(settings_in(folder));
  ASSERT_TRUE(opened);
  const auto file = setup_token_file(folder.path());
  const auto old = read_line(file);
  const auto said = admin_token_command(settings_in(folder), true);
  ASSERT_TRUE(said);
  const auto fresh = read_line(file);
  EXPECT_NE(old, fresh);
  EXPECT_EQ(said->find(fresh), std::string::npos);
  EXPECT_NE(said->find(file.string()), std::string::npos);
  EXPECT_EQ(mode_of(file), 0600u);
  EXPECT_FALSE((*opened)->admits("Bearer " + old));
  EXPECT_TRUE((*opened)->admits("Bearer " + fresh));
}

TEST(admin_access, admits_nobody_once_the_setup_token_is_gone) {
  const auto folder = tests::temp_folder{};
  const auto opened = admin_access::open(settings_in(folder));
  ASSERT_TRUE(opened);
  const auto file = setup_token_file(folder.path());
  const auto token = read_line(file);
  std::filesystem::remove(file);
  EXPECT_FALSE((*opened)->admits("Bearer " + token));
  EXPECT_FALSE((*opened)->admits("Bearer "));
}

TEST(admin_access, replaces_an_empty_file_of_a_start_that_did_not_end) {
  const auto folder = tests::temp_folder{};
  const auto file = setup_token_file(folder.path());
  std::ofstream{file};
  const auto opened = admin_access::open(settings_in(folder));
  ASSERT_TRUE(opened);
  EXPECT_TRUE((*opened)->admits("Bearer " + read_line(file)));
}

TEST(admin_access, says_where_the_trouble_is) {
  const auto folder = tests::temp_folder{};
  auto settings = settings_in(folder);
  settings.db.path += "/none";
  const auto opened = admin_access::open(settings);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("/none/setup-token"), std::string::npos);
  EXPECT_FALSE(admin_token_command(settings, false));
  EXPECT_FALSE(admin_token_command(settings_in(folder, "configured"), false));
}

TEST(failed_tries, slow_down_who_guesses_on) {
  auto tries = failed_tries{};
  auto now = steady_time{} + std::chrono::hours{1};
  for (auto i = 0u; i < failed_tries::free_tries; ++i)
    EXPECT_EQ(tries.add("10.0.0.1", now).count(), 0);
  EXPECT_EQ(tries.add("10.0.0.1", now).count(), 100);
  EXPECT_EQ(tries.add("10.0.0.1", now).count(), 200);
  EXPECT_EQ(tries.add("10.0.0.2", now).count(), 0);
  for (auto i = 0; i < 100; ++i)
    tries.add("10.0.0.1", now);
  EXPECT_EQ(tries.add("10.0.0.1", now), failed_tries::longest_delay);
  now += failed_tries::window + milliseconds{1};
  EXPECT_EQ(tries.add("10.0.0.1", now).count(), 0);
}

} // namespace
} // namespace axonhub::net
