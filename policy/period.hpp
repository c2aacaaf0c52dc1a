#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

/// The time that a budget is for.
namespace axonhub::policy {

enum class period_kind : std::uint8_t { all_time, past_duration, calendar_duration };
enum class period_unit : std::uint8_t { minute, hour, day, month };

struct period {
  period_kind kind = period_kind::all_time;
  std::uint32_t value = 1;             ///< How many units; of a past_duration.
  period_unit unit = period_unit::day; ///< A calendar_duration has day or month, a past one not.
  std::string time_zone{};             ///< Where a calendar's day begins: an IANA name; empty: UTC.

  friend bool operator==(const period&, const period&) = default;
};

/// Whether a period makes sense; a past duration has at most 366 days, a time zone must be known to
/// this machine.
checked<void> check(const period& p);

/// A piece of time: what is used in it counts until `until`.
struct period_part {
  wall_time from;
  wall_time until;
};

/// The piece that `now` lies in. All time is one; a calendar's is its day or month, which
/// daylight-saving time makes longer or shorter; a past duration is cut into pieces of a sixtieth,
/// so that something counts for the duration and at most a sixtieth of it longer, never shorter.
period_part part_at(const period& p, wall_time now);

/// When nothing ever stops counting.
constexpr auto never = wall_time::max();

/// "day in Europe/Berlin", "past 5 hours", "all time".
std::string to_text(const period& p);

std::string_view to_text(period_kind kind);
std::string_view to_text(period_unit unit);
std::optional<period_kind> period_kind_from(std::string_view text);
std::optional<period_unit> period_unit_from(std::string_view text);

} // namespace axonhub::policy
