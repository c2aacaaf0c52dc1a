#include "net/admin/page.hpp"

#include <array>
#include <cstdio>

#include "base/text.hpp"
#include "net/admin/problem.hpp"

namespace axonhub::net {
namespace {

constexpr std::size_t largest_page = 500;
constexpr std::string_view cursor_mark = "p1:";

} // namespace

std::string to_cursor(std::string_view position) {
  return to_base64url(std::string{cursor_mark} + std::string{position});
}

std::string from_cursor(std::string_view cursor) {
  const auto bytes = from_base64(cursor);
  if (!bytes || !bytes->starts_with(cursor_mark) || bytes->size() == cursor_mark.size())
    refuse(400, "The cursor is not one of this list");
  return bytes->substr(cursor_mark.size());
}

page_request read_page(const admin_call& call) {
  auto wanted = page_request{};
  if (const auto text = call.query_value("limit"); !text.empty()) {
    const auto limit = parse_decimal<std::uint32_t>(text);
    if (!limit || *limit < 1 || *limit > largest_page)
      refuse(400, "limit must be a number from 1 to 500, not '" + std::string{text} + "'");
    wanted.limit = *limit;
  }
  if (const auto cursor = call.query_value("cursor"); !cursor.empty())
    wanted.after = from_cursor(cursor);
  return wanted;
}

std::string position_of(wall_time at, std::string_view id) {
  auto text = std::array<char, 24>{};
  const auto size =
      std::snprintf(text.data(), text.size(), "%015lld/",
                    static_cast<long long>(std::max<std::int64_t>(0, to_unix_ms(at))));
  return std::string{text.data(), static_cast<std::size_t>(size)} + std::string{id};
}

} // namespace axonhub::net
