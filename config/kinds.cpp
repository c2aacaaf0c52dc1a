#include "config/kinds.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/text.hpp"

namespace axonhub::config {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr auto size_units = std::array{
    unit{"TiB", 1ull << 40}, unit{"GiB", 1ull << 30},   unit{"MiB", 1ull << 20},
    unit{"KiB", 1ull << 10}, unit{"TB", 1000000000000}, unit{"GB", 1000000000},
    unit{"MB", 1000000},     unit{"KB", 1000},          unit{"B", 1},
};

constexpr auto duration_units = std::array{
    unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"m", 60'000}, unit{"s", 1000}, unit{"ms", 1},
};

constexpr auto longest_duration = 3650 * duration_units.front().factor;

failure not_a(std::string_view what, std::string_view text, std::string_view instead) {
  constexpr auto enough = std::size_t{60};
  auto shown = std::string{text.substr(0, enough)};
  if (text.size() > enough)
    shown += "...";
  return {errc::invalid_argument,
          "\"" + shown + "\" is no " + std::string{what} + "; write " + std::string{instead}};
}

template <std::size_t Size>
std::optional<std::uint64_t> factor_of(const std::array<unit, Size>& units, std::string_view name) {
  for (const auto& u : units)
    if (equals_ignoring_case(u.name, name))
      return u.factor;
  return std::nullopt;
}

/// Takes the digits at the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  const auto size = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_decimal<std::uint64_t>(text.substr(0, size));
  text.remove_prefix(size);
  return number;
}

std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) {
  auto out = std::uint64_t{0};
  if (__builtin_mul_overflow(a, b, &out))
    return std::nullopt;
  return out;
}

/// One number and its unit at the front of `text`, in milliseconds.
std::optional<std::uint64_t> take_duration(std::string_view& text) {
  const auto number = take_number(text);
  const auto size = std::min(text.find_first_of("0123456789"), text.size());
  const auto factor = factor_of(duration_units, trimmed(text.substr(0, size)));
  text.remove_prefix(size);
  if (!number || !factor)
    return std::nullopt;
  return product(*number, *factor);
}

} // namespace

checked<bool> flag_kind::parse(std::string_view text) {
  for (const auto yes : {"true", "yes", "on", "1"})
    if (equals_ignoring_case(text, yes))
      return true;
  for (const auto no : {"false", "no", "off", "0"})
    if (equals_ignoring_case(text, no))
      return false;
  return not_a("truth value", text, "true or false");
}

template <class Unsigned>
checked<Unsigned> number_kind<Unsigned>::parse(std::string_view text) {
  if (const auto number = parse_decimal<Unsigned>(text))
    return *number;
  return not_a("such number", text,
               "digits only, 0 to " + std::to_string(std::numeric_limits<Unsigned>::max()));
}

template struct number_kind<std::uint16_t>;
template struct number_kind<std::uint32_t>;
template struct number_kind<std::uint64_t>;

checked<std::uint64_t> size_kind::parse(std::string_view text) {
  auto rest = text;
  const auto number = take_number(rest);
  const auto name = trimmed(rest);
  const auto factor = name.empty() ? std::optional<std::uint64_t>{1} : factor_of(size_units, name);
  if (number && factor)
    if (const auto bytes = product(*number, *factor))
      return *bytes;
  return not_a("size", text, "bytes or a unit, as 4096, 64MiB or 1GB");
}

std::string size_kind::show(std::uint64_t value) {
  for (const auto& u : size_units)
    if (value != 0 && value % u.factor == 0 && u.factor > 1)
      return std::to_string(value / u.factor).append(u.name);
  return std::to_string(value);
}

checked<milliseconds> duration_kind::parse(std::string_view text) {
  if (text == "0")
    return milliseconds{0};
  auto sum = text.empty() ? std::optional<std::uint64_t>{} : 0;
  for (auto rest = text; sum && !rest.empty();) {
    const auto part = take_duration(rest);
    if (part && *part <= longest_duration)
      *sum += *part;
    else
      sum.reset();
  }
  if (sum && *sum <= longest_duration)
    return milliseconds{*sum};
  return not_a("duration", text, "numbers with units, as 500ms, 20m or 1h30m, up to 3650d");
}

std::string duration_kind::show(milliseconds value) {
  auto rest = static_cast<std::uint64_t>(value.count());
  auto text = std::string{};
  for (const auto& u : duration_units) {
    if (u.name == "d") // people read 48h as easily, and other tools know no days
      continue;
    if (const auto whole = rest / u.factor)
      text.append(std::to_string(whole)).append(u.name);
    rest %= u.factor;
  }
  return text.empty() ? "0" : text;
}

checked<std::vector<std::string>> list_kind::parse(std::string_view text) {
  const auto parts = split(text, ',');
  return std::vector<std::string>(parts.begin(), parts.end());
}

std::string list_kind::show(const std::vector<std::string>& value) {
  auto text = std::string{};
  for (const auto& part : value)
    text.append(text.empty() ? "" : ", ").append(part);
  return text;
}

checked<log::level> level_kind::parse(std::string_view text) {
  constexpr auto levels = std::array{
      std::pair{"debug", log::level::debug}, std::pair{"info", log::level::info},
      std::pair{"warn", log::level::warn},   std::pair{"warning", log::level::warn},
      std::pair{"error", log::level::error}, std::pair{"panic", log::level::error},
      std::pair{"fatal", log::level::error},
  };
  for (const auto& [name, level] : levels)
    if (equals_ignoring_case(text, name))
      return level;
  return not_a("log level", text, std::string{name});
}

std::string level_kind::show(log::level value) {
  switch (value) {
    case log::level::debug:
      return "debug";
    case log::level::info:
      return "info";
    case log::level::warn:
      return "warn";
    case log::level::error:
      break;
  }
  return "error";
}

checked<db_sync> sync_kind::parse(std::string_view text) {
  if (equals_ignoring_case(text, "full"))
    return db_sync::full;
  if (equals_ignoring_case(text, "off"))
    return db_sync::off;
  return not_a("way to sync", text, std::string{name});
}

} // namespace axonhub::config
