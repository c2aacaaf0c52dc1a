#include "policy/period.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <array>

namespace axonhub::policy {
namespace {

constexpr auto pieces = 60;
constexpr auto longest = milliseconds{std::chrono::hours{24 * 366}};

constexpr auto kinds = std::to_array<std::pair<period_kind, std::string_view>>({
    {period_kind::all_time, "all_time"},
    {period_kind::past_duration, "past_duration"},
    {period_kind::calendar_duration, "calendar_duration"},
});
constexpr auto units = std::to_array<std::pair<period_unit, std::string_view>>({
    {period_unit::minute, "minute"},
    {period_unit::hour, "hour"},
    {period_unit::day, "day"},
    {period_unit::month, "month"},
});

template <class Words, class Enum>
std::string_view word_of(const Words& words, Enum x) {
  for (const auto& [known, word] : words)
    if (known == x)
      return word;
  return "unknown";
}

template <class Enum, class Words>
std::optional<Enum> find_word(const Words& words, std::string_view text) {
  for (const auto& [known, word] : words)
    if (word == text)
      return known;
  return std::nullopt;
}

// The loader would open files by their path, and knows names that no other machine has.
bool is_zone_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  };
  return !name.empty() && name.size() <= 64 && name.front() >= 'A' && name.front() <= 'Z' &&
         std::ranges::all_of(name, fits);
}

std::optional<absl::TimeZone> find_zone(const std::string& name) {
  if (name.empty())
    return absl::UTCTimeZone();
  auto zone = absl::TimeZone{};
  if (!is_zone_name(name) || !absl::LoadTimeZone(name, &zone))
    return std::nullopt;
  return zone;
}

wall_time to_wall(absl::Time t) { return from_unix_ms(absl::ToUnixMillis(t)); }

// A day without a midnight begins when the clock that was turned forward shows its first minute.
template <class Civil>
period_part civil_part(absl::Time now, const absl::TimeZone& zone) {
  const auto current = Civil{absl::ToCivilSecond(now, zone)};
  return {to_wall(absl::FromCivil(absl::CivilSecond{current}, zone)),
          to_wall(absl::FromCivil(absl::CivilSecond{current + 1}, zone))};
}

milliseconds length_of(const period& p) {
  const auto unit = p.unit == period_unit::minute ? milliseconds{std::chrono::minutes{1}}
                    : p.unit == period_unit::hour ? milliseconds{std::chrono::hours{1}}
                                                  : milliseconds{std::chrono::hours{24}};
  return unit * p.value;
}

period_part past_part(const period& p, wall_time now) {
  const auto length = length_of(p);
  const auto piece = length / pieces;
  const auto from = wall_time{now.time_since_epoch() / piece * piece};
  return {from, from + piece + length};
}

} // namespace

checked<void> check(const period& p) {
  const auto invalid = [](const char* text) { return failure{errc::invalid_argument, text}; };
  if (p.kind == period_kind::calendar_duration) {
    if (p.unit != period_unit::day && p.unit != period_unit::month)
      return invalid("a calendar_duration has the unit day or month");
    if (!find_zone(p.time_zone))
      return failure{errc::invalid_argument,
                     "there is no time zone \"" + p.time_zone +
                         "\" on this machine; names look like Europe/Berlin or UTC"};
  }
  if (p.kind == period_kind::past_duration) {
    if (p.unit == period_unit::month)
      return invalid("a past_duration has the unit minute, hour or day");
    if (p.value < 1 || length_of(p) > longest)
      return invalid("a past_duration has from 1 minute to 366 days");
  }
  if (p.kind != period_kind::calendar_duration && !p.time_zone.empty())
    return invalid("only a calendar_duration has a time_zone");
  return {};
}

period_part part_at(const period& p, wall_time now) {
  if (p.kind == period_kind::all_time)
    return {wall_time{}, never};
  if (p.kind == period_kind::past_duration)
    return past_part(p, now);
  // A zone that the machine has lost since it was checked.
  const auto zone = find_zone(p.time_zone).value_or(absl::UTCTimeZone());
  const auto at = absl::FromUnixMillis(to_unix_ms(now));
  return p.unit == period_unit::month ? civil_part<absl::CivilMonth>(at, zone)
                                      : civil_part<absl::CivilDay>(at, zone);
}

std::string to_text(const period& p) {
  const auto unit = std::string{to_text(p.unit)};
  switch (p.kind) {
    case period_kind::all_time:
      return "all time";
    case period_kind::past_duration:
      return "past " + std::to_string(p.value) + " " + unit + (p.value == 1 ? "" : "s");
    case period_kind::calendar_duration:
      return "calendar " + unit + " in " + (p.time_zone.empty() ? "UTC" : p.time_zone);
  }
  return "unknown";
}

std::string_view to_text(period_kind kind) { return word_of(kinds, kind); }

std::string_view to_text(period_unit unit) { return word_of(units, unit); }

std::optional<period_kind> period_kind_from(std::string_view text) {
  return find_word<period_kind>(kinds, text);
}

std::optional<period_unit> period_unit_from(std::string_view text) {
  return find_word<period_unit>(units, text);
}

} // namespace axonhub::policy
