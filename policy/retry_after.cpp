#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "policy/failure.hpp"

namespace axonhub::policy {
namespace {

// Far above what clamp_retry_after() keeps, far below what overflows.
constexpr auto longest = std::chrono::hours{24 * 365};

/// "12", "1.5": decimal digits with at most one dot, in units of `unit_ms` milliseconds.
std::optional<milliseconds> parse_amount(std::string_view text, double unit_ms) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  auto amount = 0.0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), amount, std::chars_format::fixed);
  if (end != text.data() + text.size() || text.empty())
    return std::nullopt;
  if (error == std::errc::result_out_of_range)
    return longest;
  if (error != std::errc{})
    return std::nullopt;
  const auto ms = std::min(amount * unit_ms, static_cast<double>(milliseconds{longest}.count()));
  return milliseconds{std::llround(ms)};
}

std::optional<unsigned> digits(std::string_view text, std::size_t from, std::size_t count) {
  const auto part = text.substr(from, count);
  return part.size() == count ? parse_decimal<std::uint32_t>(part) : std::nullopt;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that servers may still generate.
std::optional<wall_time> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  static constexpr auto months = std::array<std::string_view, 12>{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
    return std::nullopt;
  const auto month_name = std::ranges::find(months, text.substr(8, 3));
  const auto d = digits(text, 5, 2), y = digits(text, 12, 4);
  const auto h = digits(text, 17, 2), m = digits(text, 20, 2), s = digits(text, 23, 2);
  if (month_name == months.end() || !d || !y || !h || !m || !s || *h > 23 || *m > 59 || *s > 60)
    return std::nullopt;
  const auto date =
      year_month_day{year{static_cast<int>(*y)},
                     month{static_cast<unsigned>(month_name - months.begin()) + 1}, day{*d}};
  if (!date.ok())
    return std::nullopt;
  return wall_time{sys_days{date} + hours{*h} + minutes{*m} + seconds{*s}};
}

} // namespace

std::optional<milliseconds> parse_retry_after(std::string_view retry_after,
                                              std::string_view retry_after_ms, wall_time now) {
  if (const auto exact = parse_amount(trimmed(retry_after_ms), 1))
    return exact;
  const auto text = trimmed(retry_after);
  if (const auto wait = parse_amount(text, 1000))
    return wait;
  if (const auto date = parse_http_date(text); date && *date > now)
    return std::min<milliseconds>(*date - now, longest);
  return std::nullopt;
}

milliseconds clamp_retry_after(milliseconds wait) {
  return std::clamp<milliseconds>(wait, std::chrono::seconds{1}, std::chrono::minutes{15});
}

} // namespace axonhub::policy
