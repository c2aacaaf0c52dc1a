#include <gtest/gtest.h>

#include "policy/failure.hpp"

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

TEST(parse_retry_after, reads_every_form_and_refuses_nonsense) {
  const auto now =
      wall_time{std::chrono::sys_days{std::chrono::November / 22 / 2026} + 10h + 36min};
  constexpr auto year = std::chrono::milliseconds{std::chrono::hours{24 * 365}};
  struct {
    std::string_view name, seconds, ms;
    std::optional<milliseconds> expected;
  } cases[] = {
      {"absent", "", "", std::nullopt},
      {"whole seconds", "7", "", 7s},
      {"decimals", "1.5", "", 1500ms},
      {"zero", "0", "", 0ms},
      {"blanks around", " 3 ", "", 3s},
      {"milliseconds win", "7", "250", 250ms},
      {"broken milliseconds are passed over", "7", "soon", 7s},
      {"negative", "-5", "", std::nullopt},
      {"a sign", "+5", "", std::nullopt},
      {"no number", "later", "", std::nullopt},
      {"two dots", "1.2.3", "", std::nullopt},
      {"a lone dot", ".", "", std::nullopt},
      {"huge", "99999999999999999999", "", year},
      {"beyond what a double holds",
       std::string_view{"99999999999999999999999999999999999999999999999999999999999999999999999999"
                        "99999999999999"
                        "99999999999999999999999999999999999999999999999999999999999999999999999999"
                        "99999999999999"
                        "99999999999999999999999999999999999999999999999999999999999999999999999999"
                        "99999999999999"
                        "99999999999999999999999999999999999999999999999999999999999999999999999999"
                        "99999999999999"},
       "", year},
      {"infinity", "inf", "", std::nullopt},
      {"a date", "Sun, 22 Nov 2026 10:37:30 GMT", "", 90s},
      {"a past date", "Sun, 22 Nov 2026 10:35:00 GMT", "", std::nullopt},
      {"a far date", "Sun, 22 Nov 9999 10:35:00 GMT", "", year},
      {"no such day", "Sun, 31 Nov 2026 10:37:30 GMT", "", std::nullopt},
      {"no such hour", "Sun, 22 Nov 2026 24:37:30 GMT", "", std::nullopt},
      {"another zone", "Sun, 22 Nov 2026 10:37:30 CET", "", std::nullopt},
      {"a cut date", "Sun, 22 Nov 2026", "", std::nullopt},
      {"digits that are none", "Sun, 2x Nov 2026 10:37:30 GMT", "", std::nullopt},
  };
  for (const auto& [name, seconds, ms, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(parse_retry_after(seconds, ms, now), expected);
  }
}

TEST(clamp_retry_after, keeps_a_wait_between_one_second_and_fifteen_minutes) {
  EXPECT_EQ(clamp_retry_after(0ms), 1s);
  EXPECT_EQ(clamp_retry_after(999ms), 1s);
  EXPECT_EQ(clamp_retry_after(90s), 90s);
  EXPECT_EQ(clamp_retry_after(24h), 15min);
}

} // namespace
} // namespace axonhub::policy
