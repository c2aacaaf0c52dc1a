#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/dump.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

std::string fixture(const std::string& name) {
  auto stream = std::ifstream{std::filesystem::path{AXONHUB_FIXTURES} / "store" / name};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

// One fixture per schema that was ever released; a fixture is never written anew.
TEST(upgrade, opens_the_store_of_each_release) {
  for (const auto* name : {"schema_1.txt"}) {
    SCOPED_TRACE(name);
    const auto folder = tests::temp_folder{};
    const auto config = samples::config_in(folder.path());
    plant_dump(config, fixture(name));
    const auto kept = samples::opened(config);
    samples::expect_full_batch(*kept);
    EXPECT_EQ(kept->expire_bindings(from_unix_ms(1'795'000'000'015), 10).value(), 1u);
  }
}

} // namespace
} // namespace axonhub::store
