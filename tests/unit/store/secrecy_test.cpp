#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

std::string content_of(const std::filesystem::path& file) {
  auto stream = std::ifstream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

TEST(secrecy, leaves_no_secret_in_any_file_of_the_state) {
  const auto folder = tests::temp_folder{};
  const auto config = samples::config_in(folder.path());
  auto hash_key = std::string{};
  {
    const auto kept = samples::opened(config);
    ASSERT_TRUE(kept->write(samples::full_batch()));
    auto changed = samples::full_credential();
    changed.value = secret{"sk-planted-second-secret"};
    ASSERT_TRUE(kept->write({{policy::put<policy::credential>{changed}}, {}, {}, {}}));
    hash_key = kept->hash_key().reveal();
  }
  auto scanned = std::string{};
  for (const auto& file : std::filesystem::recursive_directory_iterator{folder.path()})
    if (file.is_regular_file())
      scanned += content_of(file.path());
  ASSERT_NE(scanned.find("main account"), std::string::npos) << "the scan does see plain text";
  const auto master_key = config.master_key.reveal();
  for (const auto& planted : {std::string{"sk-planted"}, std::string{"provider-secret"},
                              to_hex("sk-planted-provider-secret"), hash_key, master_key})
    EXPECT_EQ(scanned.find(planted), std::string::npos) << planted;
}

} // namespace
} // namespace axonhub::store
