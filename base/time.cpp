#include "base/time.hpp"

#include <array>
#include <cstdio>

namespace axonhub {

std::string to_rfc3339(wall_time t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const auto date = year_month_day{day};
  const auto clock = hh_mm_ss{t - day};
  auto text = std::array<char, 40>{};
  const auto size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int{date.year()},
      unsigned{date.month()}, unsigned{date.day()}, static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace axonhub
