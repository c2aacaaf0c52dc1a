#include "policy/period.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

period calendar(period_unit unit, std::string zone = {}) {
  return {.kind = period_kind::calendar_duration, .unit = unit, .time_zone = std::move(zone)};
}

period past(std::uint32_t value, period_unit unit) {
  return {.kind = period_kind::past_duration, .value = value, .unit = unit};
}

wall_time at(std::chrono::year_month_day date, milliseconds time) {
  return wall_time{std::chrono::sys_days{date}.time_since_epoch() + time};
}

TEST(period, of_a_calendar_ends_with_its_day_or_month) {
  using std::chrono::year;
  struct {
    std::string_view name;
    period given;
    wall_time now;
    std::string from;
    std::string until;
  } cases[] = {
      {"a day", calendar(period_unit::day), at(year{2026} / 11 / 22, 10h),
       "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"},
      {"its first moment", calendar(period_unit::day), at(year{2026} / 11 / 22, 0h),
       "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"},
      {"its last moment", calendar(period_unit::day), at(year{2026} / 11 / 22, 24h - 1ms),
       "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z"},
      {"a month of 28 days", calendar(period_unit::month), at(year{2026} / 2 / 28, 23h),
       "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"},
      {"a month of 29 days", calendar(period_unit::month), at(year{2028} / 2 / 29, 23h),
       "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"},
      {"December", calendar(period_unit::month), at(year{2026} / 12 / 31, 23h),
       "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"},
      {"winter in Berlin", calendar(period_unit::day, "Europe/Berlin"),
       at(year{2026} / 11 / 22, 23h), "2026-11-22T23:00:00.000Z", "2026-11-23T23:00:00.000Z"},
      {"the day of 23 hours", calendar(period_unit::day, "Europe/Berlin"),
       at(year{2026} / 3 / 29, 12h), "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"},
      {"the day of 25 hours", calendar(period_unit::day, "Europe/Berlin"),
       at(year{2026} / 10 / 25, 12h), "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"},
      {"the month with that day", calendar(period_unit::month, "Europe/Berlin"),
       at(year{2026} / 10 / 31, 12h), "2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z"},
      {"a day whose midnight is skipped", calendar(period_unit::day, "Africa/Cairo"),
       at(year{2024} / 4 / 26, 12h), "2024-04-25T22:00:00.000Z", "2024-04-26T21:00:00.000Z"},
      {"half hours", calendar(period_unit::day, "Asia/Kolkata"),
       at(year{2026} / 11 / 22, 18h + 30min), "2026-11-22T18:30:00.000Z",
       "2026-11-23T18:30:00.000Z"},
  };
  for (const auto& [name, given, now, from, until] : cases) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(check(given));
    const auto part = part_at(given, now);
    EXPECT_EQ(to_rfc3339(part.from), from);
    EXPECT_EQ(to_rfc3339(part.until), until);
  }
}

// A use counts for the whole duration, and for at most a sixtieth of it more.
TEST(period, past_is_never_cut_short) {
  const struct {
    period given;
    milliseconds length;
  } cases[] = {{past(1, period_unit::minute), 1min},
               {past(5, period_unit::hour), 5h},
               {past(7, period_unit::day), 7 * 24h},
               {past(366, period_unit::day), 366 * 24h}};
  for (const auto& [given, length] : cases)
    for (auto step = 0; step < 200; ++step) {
      const auto now = from_unix_ms(1'795'000'000'000) + step * length / 37;
      const auto part = part_at(given, now);
      EXPECT_LE(part.from, now);
      EXPECT_GE(part.until - now, length);
      EXPECT_LE(part.until - now, length + length / 60);
    }
}

TEST(period, for_all_time_has_one_part) {
  EXPECT_EQ(part_at({}, from_unix_ms(0)).until, never);
  EXPECT_EQ(part_at({}, from_unix_ms(1'795'000'000'000)).until, never);
}

TEST(period, is_refused_where_it_makes_no_sense) {
  struct {
    period given;
    bool fine;
  } cases[] = {
      {{}, true},
      {past(1, period_unit::minute), true},
      {past(366, period_unit::day), true},
      {past(367, period_unit::day), false},
      {past(0, period_unit::hour), false},
      {past(1, period_unit::month), false},
      {calendar(period_unit::hour), false},
      {calendar(period_unit::day, "UTC"), true},
      {calendar(period_unit::day, "America/New_York"), true},
      {calendar(period_unit::day, "Etc/GMT+5"), true},
      {calendar(period_unit::day, "Mars/Olympus"), false},
      {calendar(period_unit::day, "/etc/localtime"), false},
      {calendar(period_unit::day, "../../etc/localtime"), false},
      {calendar(period_unit::day, "file:/etc/localtime"), false},
      {calendar(period_unit::day, "localtime"), false},
      {calendar(period_unit::day, "europe/berlin"), false},
  };
  for (const auto& [given, fine] : cases)
    EXPECT_EQ(check(given).has_value(), fine) << to_text(given);
}

TEST(period, has_its_words) {
  EXPECT_EQ(to_text(period{}), "all time");
  EXPECT_EQ(to_text(past(1, period_unit::hour)), "past 1 hour");
  EXPECT_EQ(to_text(past(5, period_unit::hour)), "past 5 hours");
  EXPECT_EQ(to_text(calendar(period_unit::day, "Europe/Berlin")), "calendar day in Europe/Berlin");
  for (const auto* word : {"all_time", "past_duration", "calendar_duration"})
    EXPECT_EQ(to_text(*period_kind_from(word)), word);
  for (const auto* word : {"minute", "hour", "day", "month"})
    EXPECT_EQ(to_text(*period_unit_from(word)), word);
  EXPECT_FALSE(period_kind_from("week"));
}

} // namespace
} // namespace axonhub::policy
