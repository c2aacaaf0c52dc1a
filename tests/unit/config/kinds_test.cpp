#include "config/kinds.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace axonhub::config {
namespace {

using namespace std::chrono_literals;

template <class Kind>
std::optional<typename Kind::type> parsed(std::string_view text) {
  auto value = Kind::parse(text);
  return value ? std::optional{*value} : std::nullopt;
}

TEST(duration, is_numbers_with_units) {
  struct {
    std::string_view text;
    std::optional<milliseconds> expected;
  } cases[] = {
      {"500ms", 500ms},
      {"20m", 20min},
      {"1h30m", 90min},
      {"1h 30m", 90min},
      {"1m500ms", 60'500ms},
      {"2d", 48h},
      {"0", 0ms},
      {"0s", 0ms},
      {"3650d", 3650 * 24h},
      {"3651d", std::nullopt},
      {"3650d1ms", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"18446744073709551615h", std::nullopt},
      {"", std::nullopt},
      {"30", std::nullopt},
      {"1h30", std::nullopt},
      {"m", std::nullopt},
      {"-5s", std::nullopt},
      {"1.5h", std::nullopt},
      {"5 parsecs", std::nullopt},
  };
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parsed<duration_kind>(text), expected);
  }
}

TEST(size, is_bytes_or_a_number_with_a_unit) {
  struct {
    std::string_view text;
    std::optional<std::uint64_t> expected;
  } cases[] = {
      {"4096", 4096},
      {"0", 0},
      {"64MiB", 64 << 20},
      {"64 mib", 64 << 20},
      {"1GB", 1'000'000'000},
      {"1KB", 1000},
      {"16TiB", 16ull << 40},
      {"7B", 7},
      {"18446744073709551615", 18446744073709551615ull},
      {"16777216TiB", std::nullopt},
      {"64M", std::nullopt},
      {"MiB", std::nullopt},
      {"", std::nullopt},
      {"-1", std::nullopt},
      {"1MiB1KiB", std::nullopt},
  };
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parsed<size_kind>(text), expected);
  }
}

TEST(flag, is_one_of_the_usual_words) {
  for (const auto yes : {"true", "True", "yes", "on", "1"})
    EXPECT_EQ(parsed<flag_kind>(yes), true) << yes;
  for (const auto no : {"false", "FALSE", "no", "off", "0"})
    EXPECT_EQ(parsed<flag_kind>(no), false) << no;
  for (const auto neither : {"", "2", "truth", "y"})
    EXPECT_EQ(parsed<flag_kind>(neither), std::nullopt) << neither;
}

TEST(number, fits_its_type) {
  EXPECT_EQ(parsed<number_kind<std::uint16_t>>("65535"), 65535);
  EXPECT_EQ(parsed<number_kind<std::uint16_t>>("65536"), std::nullopt);
  EXPECT_EQ(parsed<number_kind<std::uint32_t>>("-1"), std::nullopt);
  EXPECT_EQ(parsed<number_kind<std::uint64_t>>("0x10"), std::nullopt);
}

TEST(list, has_commas_between_its_parts) {
  using texts = std::vector<std::string>;
  EXPECT_EQ(parsed<list_kind>("X-A, X-B ,X-C"), (texts{"X-A", "X-B", "X-C"}));
  EXPECT_EQ(parsed<list_kind>(""), texts{});
}

TEST(level, knows_the_names_that_other_loggers_use) {
  EXPECT_EQ(parsed<level_kind>("warning"), log::level::warn);
  EXPECT_EQ(parsed<level_kind>("FATAL"), log::level::error);
  EXPECT_EQ(parsed<level_kind>("loud"), std::nullopt);
}

TEST(kinds, read_back_what_they_show) {
  for (const auto value : {0ms, 1ms, 999ms, 1000ms, 90min + 0ms, 25h + 61s + 7ms})
    EXPECT_EQ(parsed<duration_kind>(duration_kind::show(value)), value);
  for (const auto value : {0ull, 1ull, 1000ull, 1024ull, 1536ull, 64ull << 20, 5'000'000'000ull})
    EXPECT_EQ(parsed<size_kind>(size_kind::show(value)), value);
  for (const auto value :
       {log::level::debug, log::level::info, log::level::warn, log::level::error})
    EXPECT_EQ(parsed<level_kind>(level_kind::show(value)), value);
  for (const auto value : {db_sync::full, db_sync::off})
    EXPECT_EQ(parsed<sync_kind>(sync_kind::show(value)), value);
}

TEST(kinds, say_what_to_write_instead) {
  EXPECT_EQ(duration_kind::parse("soon").error().message,
            "\"soon\" is no duration; write numbers with units, as 500ms, 20m or 1h30m, up to "
            "3650d");
  EXPECT_LT(flag_kind::parse(std::string(5000, 'x')).error().message.size(), 200u);
}

} // namespace
} // namespace axonhub::config
