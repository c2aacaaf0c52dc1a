#include "net/admin/fields.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace axonhub::net {
namespace {

constexpr auto longest_duration = std::int64_t{24} * 60 * 60 * 1000;
constexpr std::size_t longest_text = 64 * 1024;
constexpr std::size_t longest_list = 10'000;

std::string text_of(const json& value, const std::string& pointer) {
  if (!value.is_string())
    refuse_field(pointer, "must be a text");
  auto text = value.get<std::string>();
  if (text.size() > longest_text)
    refuse_field(pointer, "is longer than 64 KiB");
  return text;
}

} // namespace

field_reader::field_reader(const json& object, std::string pointer)
    : object_(object), pointer_(std::move(pointer)) {
  if (!object.is_object())
    refuse_field(pointer_, "must be an object");
}

std::string field_reader::pointer_to(std::string_view name) const {
  return pointer_ + '/' + std::string{name};
}

const json* field_reader::find(std::string_view name) {
  known_.push_back(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool field_reader::read(std::string_view name, std::string& to) {
  const auto* value = find(name);
  if (value != nullptr)
    to = text_of(*value, pointer_to(name));
  return value != nullptr;
}

bool field_reader::read(std::string_view name, shared_text& to) {
  const auto* value = find(name);
  if (value != nullptr)
    to = text_of(*value, pointer_to(name));
  return value != nullptr;
}

bool field_reader::read(std::string_view name, bool& to) {
  const auto* value = find(name);
  if (value == nullptr)
    return false;
  if (!value->is_boolean())
    refuse_field(pointer_to(name), "must be true or false");
  to = value->get<bool>();
  return true;
}

bool field_reader::read(std::string_view name, std::vector<std::string>& to) {
  const auto* value = find(name);
  if (value == nullptr)
    return false;
  if (!value->is_array() || value->size() > longest_list)
    refuse_field(pointer_to(name), "must be a list of texts, at most 10000");
  to.clear();
  for (const auto& item : *value)
    to.push_back(text_of(item, pointer_to(name) + '/' + std::to_string(to.size())));
  return true;
}

bool field_reader::read(std::string_view name, std::map<std::string, std::string>& to) {
  const auto* value = find(name);
  if (value == nullptr)
    return false;
  if (!value->is_object())
    refuse_field(pointer_to(name), "must be an object of texts");
  to.clear();
  for (const auto& [key, item] : value->items())
    to[key] = text_of(item, pointer_to(name) + '/' + key);
  return true;
}

bool field_reader::read(std::string_view name, std::optional<wall_time>& to) {
  const auto* value = find(name);
  if (value == nullptr)
    return false;
  to = parse_rfc3339(text_of(*value, pointer_to(name)));
  if (!to)
    refuse_field(pointer_to(name), "must be a time like 2026-11-22T10:36:00Z");
  return true;
}

bool field_reader::read(std::string_view name, std::optional<milliseconds>& to) {
  auto count = std::int64_t{0};
  if (!read_integer(name, count, 1, longest_duration))
    return false;
  to = milliseconds{count};
  return true;
}

bool field_reader::read_integer(std::string_view name, std::int64_t& to, std::int64_t least,
                                std::int64_t most) {
  const auto* value = find(name);
  if (value == nullptr)
    return false;
  const auto in_range = value->is_number_unsigned()
                            ? value->get<std::uint64_t>() <= static_cast<std::uint64_t>(most) &&
                                  static_cast<std::int64_t>(value->get<std::uint64_t>()) >= least
                            : value->is_number_integer() && value->get<std::int64_t>() >= least &&
                                  value->get<std::int64_t>() <= most;
  if (!in_range)
    refuse_field(pointer_to(name), "must be a whole number from " + std::to_string(least) + " to " +
                                       std::to_string(most));
  to = value->get<std::int64_t>();
  return true;
}

std::string field_reader::require(std::string_view name) {
  auto text = std::string{};
  if (!read(name, text) || trimmed(text).empty())
    refuse_field(pointer_to(name), "must be there and not be empty");
  return text;
}

std::vector<std::pair<const json*, std::string>> field_reader::objects(std::string_view name) {
  auto out = std::vector<std::pair<const json*, std::string>>{};
  const auto* value = find(name);
  if (value == nullptr)
    return out;
  if (!value->is_array() || value->size() > longest_list)
    refuse_field(pointer_to(name), "must be a list of objects, at most 10000");
  for (const auto& item : *value)
    out.emplace_back(&item, pointer_to(name) + '/' + std::to_string(out.size()));
  return out;
}

void field_reader::only(std::string_view name, const json& usual) {
  const auto* value = find(name);
  const auto empty = value == nullptr || ((value->is_object() || value->is_array()) &&
                                          value->empty() && value->type() == usual.type());
  if (!empty && *value != usual)
    refuse_field(pointer_to(name),
                 "is not supported by this version: leave it out, or send " + to_text(usual));
}

void field_reader::read_only(std::string_view name, const json& now) {
  const auto* value = find(name);
  if (value != nullptr && *value != now)
    refuse_field(pointer_to(name), "cannot be set");
}

void field_reader::given(std::string_view name, const json& shown) {
  if (shown.is_null())
    read_only(name, shown);
  else
    find(name);
}

void field_reader::finish() {
  auto unknown = problem{};
  for (const auto& [name, value] : object_.items())
    if (std::ranges::find(known_, name) == known_.end()) {
      auto detail = std::string{"is not a field of this object"};
      if (const auto near = nearest_name(name, known_))
        detail += "; did you mean " + std::string{*near} + "?";
      unknown.errors.push_back({pointer_to(name), std::move(detail)});
    }
  if (unknown.errors.empty())
    return;
  unknown.detail = unknown.errors.front().pointer.substr(1) + ": " + unknown.errors.front().detail;
  throw unknown;
}

std::optional<wall_time> parse_rfc3339(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t size) -> std::optional<int> {
    if (text.size() < at + size)
      return std::nullopt;
    const auto found = parse_decimal<std::uint32_t>(text.substr(at, size));
    return found ? std::optional{static_cast<int>(*found)} : std::nullopt;
  };
  const auto is = [&](std::size_t at, std::string_view any) {
    return at < text.size() && any.find(text[at]) != std::string_view::npos;
  };
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const auto hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second || !is(4, "-") || !is(7, "-") ||
      !is(10, "Tt ") || !is(13, ":") || !is(16, ":") || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  const auto date = std::chrono::year_month_day{std::chrono::year{*year},
                                                std::chrono::month{static_cast<unsigned>(*month)},
                                                std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  auto at = std::size_t{19};
  auto fraction = 0;
  if (is(at, ".")) {
    auto scale = 100;
    for (++at; is(at, "0123456789"); ++at, scale /= 10)
      fraction += (text[at] - '0') * scale;
  }
  auto offset = std::chrono::minutes{0};
  if (is(at, "+-")) {
    const auto hours = number(at + 1, 2), minutes = number(at + 4, 2);
    if (!hours || !minutes || !is(at + 3, ":") || *hours > 23 || *minutes > 59)
      return std::nullopt;
    offset = std::chrono::hours{*hours} + std::chrono::minutes{*minutes};
    if (text[at] == '-')
      offset = -offset;
    at += 6;
  } else if (is(at, "Zz")) {
    ++at;
  } else {
    return std::nullopt;
  }
  if (at != text.size())
    return std::nullopt;
  return wall_time{std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{*hour} +
                   std::chrono::minutes{*minute} + std::chrono::seconds{*second} - offset +
                   milliseconds{fraction}};
}

} // namespace axonhub::net
