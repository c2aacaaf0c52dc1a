#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace axonhub {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// ASCII only, as in HTTP header names: which most often are spelled alike.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         (a == b || std::equal(a.begin(), a.end(), b.begin(),
                               [](char x, char y) { return to_lower(x) == to_lower(y); }));
}

constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// Without spaces and tabs at both ends.
constexpr std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// Decimal digits only, no sign, no blanks, nothing above 2^64-1.
template <class Unsigned>
std::optional<Unsigned> parse_decimal(std::string_view text);

/// The parts between `separator`s, trimmed; empty ones are left out.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string to_lower(std::string_view text);
std::string to_hex(std::string_view bytes);
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

bool is_valid_utf8(std::string_view text);

/// The known name nearest to `name`, if near enough to be a slip of the pen.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             const std::vector<std::string_view>& known);

} // namespace axonhub
