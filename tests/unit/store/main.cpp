#include <gmock/gmock.h>
#include <unistd.h>

#include <iostream>
#include <string_view>

#include "tests/unit/store/crash_writer.hpp"
#include "tests/unit/store/dump.hpp"

/// GoogleTest's, but for the child that the crash loop kills and for making the fixture of a
/// release: `unit_store --dump-full-batch > tests/fixtures/store/schema_1.txt`.
int main(int count, char** arguments) {
  if (count == 3 && std::string_view{arguments[1]} == "--write-until-killed")
    return axonhub::store::crash::write_until_killed(arguments[2], STDOUT_FILENO);
  if (count == 2 && std::string_view{arguments[1]} == "--dump-full-batch") {
    std::cout << axonhub::store::dump_full_batch();
    return 0;
  }
  testing::InitGoogleMock(&count, arguments);
  return RUN_ALL_TESTS();
}
