#include <gmock/gmock.h>
#include <unistd.h>

#include <string_view>

#include "tests/unit/store/crash_writer.hpp"

/// GoogleTest's, but for the child that the crash loop kills.
int main(int count, char** arguments) {
  if (count == 3 && std::string_view{arguments[1]} == "--write-until-killed")
    return axonhub::store::crash::write_until_killed(arguments[2], STDOUT_FILENO);
  testing::InitGoogleMock(&count, arguments);
  return RUN_ALL_TESTS();
}
