#include "policy/decimal.hpp"

#include <algorithm>

namespace axonhub::policy {
namespace {

constexpr std::size_t most_digits = 12; // before the point

bool is_digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

std::string to_text(decimal x) {
  const auto negative = x.units() < 0;
  auto left = negative ? -x.units() : x.units();
  auto digits = std::string{};
  for (auto place = 0; place <= decimal::places || left > 0; ++place, left /= 10)
    digits += static_cast<char>('0' + static_cast<int>(left % 10));
  if (negative)
    digits += '-';
  std::ranges::reverse(digits);
  digits.insert(digits.size() - decimal::places, 1, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.')
    digits.pop_back();
  return digits;
}

std::optional<decimal> parse_decimal_text(std::string_view text, int places) {
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point);
  const auto fraction = text.substr(std::min(point + 1, text.size()));
  if (whole.empty() || whole.size() > most_digits || (point < text.size() && fraction.empty()) ||
      fraction.size() > static_cast<std::size_t>(places) || !std::ranges::all_of(whole, is_digit) ||
      !std::ranges::all_of(fraction, is_digit))
    return std::nullopt;
  auto units = decimal::wide{0};
  for (const auto c : whole)
    units = units * 10 + (c - '0');
  for (auto place = std::size_t{0}; place < decimal::places; ++place)
    units = units * 10 + (place < fraction.size() ? fraction[place] - '0' : 0);
  return decimal::from_units(units);
}

} // namespace axonhub::policy
