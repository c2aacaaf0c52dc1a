#include "config/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace axonhub::config {
namespace {

namespace fs = std::filesystem;

/// A working folder of its own that goes with the test.
class config_files : public testing::Test {
protected:
  config_files() : before_(fs::current_path()) {
    auto name = (fs::temp_directory_path() / "axonhub_config_XXXXXX").string();
    folder_ = mkdtemp(name.data());
    fs::current_path(folder_);
  }

  ~config_files() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  void write(const fs::path& path, std::string_view text) {
    fs::create_directories(fs::absolute(path).parent_path());
    std::ofstream{path} << text;
  }

  environment at_home() const { return {{"HOME", (folder_ / "home").string()}}; }

  fs::path folder_;

private:
  fs::path before_;
};

std::uint16_t port_of(const load_result& l) { return l ? l->settings.server.port : 0; }

TEST_F(config_files, are_searched_from_the_nearest_on) {
  write("home/.config/axonhub/config.yml", "server: {port: 3}\n");
  EXPECT_EQ(port_of(load_config("", at_home())), 3);
  write("conf/config.yml", "server: {port: 2}\n");
  EXPECT_EQ(port_of(load_config("", at_home())), 2);
  write("config.yml", "server: {port: 1}\n");
  EXPECT_EQ(port_of(load_config("", at_home())), 1);
  write("named.yml", "server: {port: 4}\n");
  EXPECT_EQ(port_of(load_config("named.yml", at_home())), 4);
  EXPECT_EQ(search_paths({}).back(), "/etc/axonhub/config.yml");
}

TEST_F(config_files, must_exist_when_named) {
  const auto l = load_config("absent.yml", at_home());
  ASSERT_FALSE(l);
  EXPECT_EQ(to_string(l.error().front()), "absent.yml: cannot be read: No such file or directory");
}

TEST_F(config_files, that_are_folders_are_an_error_and_not_passed_over) {
  fs::create_directory("config.yml");
  const auto l = load_config("", at_home());
  ASSERT_FALSE(l);
  EXPECT_EQ(to_string(l.error().front()), "config.yml: is a folder, not a file");
}

TEST_F(config_files, may_keep_the_master_key_elsewhere) {
  write("config.yml", "master_key_file: master.key\n");
  EXPECT_FALSE(load_config("", at_home()));
  write("master.key", "\n");
  EXPECT_FALSE(load_config("", at_home()));
  write("master.key", "open sesame\n");
  auto l = load_config("", at_home());
  ASSERT_TRUE(l);
  EXPECT_EQ(l->settings.master_key.reveal(), "open sesame");

  auto variables = at_home();
  variables["AXONHUB_MASTER_KEY"] = "from the environment";
  l = load_config("", variables);
  ASSERT_TRUE(l);
  EXPECT_EQ(l->settings.master_key.reveal(), "from the environment");
  EXPECT_THAT(l->warnings, testing::SizeIs(1));
}

TEST(this_environment, has_what_the_process_was_given) {
  setenv("AXONHUB_CONFIG_TEST", "a=b", 1);
  EXPECT_EQ(this_environment().at("AXONHUB_CONFIG_TEST"), "a=b");
  unsetenv("AXONHUB_CONFIG_TEST");
}

} // namespace
} // namespace axonhub::config
