#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace axonhub::policy {

/// An exact number with twelve places behind the point: dollars to the picodollar, or a count. No
/// floating point touches it. Its values stay far below 10^26, where it would overflow.
class decimal {
public:
  __extension__ using wide = __int128;

  static constexpr int places = 12;
  static constexpr wide one = 1'000'000'000'000;

  constexpr decimal() = default;
  constexpr explicit decimal(std::uint64_t whole) : units_(one * whole) {}
  /// So many times 10^-12.
  static constexpr decimal from_units(wide units) {
    auto made = decimal{};
    made.units_ = units;
    return made;
  }

  constexpr wide units() const { return units_; }

  constexpr decimal& operator+=(decimal x) {
    units_ += x.units_;
    return *this;
  }
  constexpr decimal& operator-=(decimal x) {
    units_ -= x.units_;
    return *this;
  }
  friend constexpr decimal operator+(decimal x, decimal y) { return x += y; }
  friend constexpr decimal operator-(decimal x, decimal y) { return x -= y; }
  friend constexpr auto operator<=>(decimal, decimal) = default;

private:
  wide units_ = 0;
};

/// `rate` is per million: exact when it has at most six places.
constexpr decimal per_million(decimal rate, std::uint64_t count) {
  return decimal::from_units(rate.units() * count / 1'000'000);
}

/// A share of an amount, cut to whole units: `share` is from 0 to 1, the amount at most 10^12.
constexpr decimal share_of(decimal amount, decimal share) {
  return decimal::from_units(amount.units() * share.units() / decimal::one);
}

/// Zero instead of what is below it.
constexpr decimal at_least_zero(decimal x) { return x < decimal{} ? decimal{} : x; }

/// "12", "0.0375", "-1.5": as short as it is exact.
std::string to_text(decimal x);

/// Digits, at most twelve before and `places` behind a point; nullopt for anything else, a sign or
/// an exponent too.
std::optional<decimal> parse_decimal_text(std::string_view text, int places = decimal::places);

} // namespace axonhub::policy
