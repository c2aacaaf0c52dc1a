#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/admin/call.hpp"
#include "net/admin/json.hpp"
#include "net/offload.hpp"

namespace axonhub::net {

enum class page_order : std::uint8_t { oldest_first, newest_first };

/// Runs what makes a long list's answer beside the I/O thread.
template <class Make>
task<answer> make_beside(const admin_call& call, Make make) {
  return offload(call.here, chore::page, std::move(make));
}

/// The call's body as parse_object() reads it; a long one beside the I/O thread.
inline task<json> object_of(const admin_call& call) {
  return in_time(call.here, chore::page, 8 * call.body.size(),
                 [&call] { return parse_object(call.body); });
}

/// How much of a list a call wants, and from where.
struct page_request {
  std::size_t limit = 50;
  std::string after; ///< The position of the last item that the caller has; empty: from the start.
};

/// Reads `limit` and `cursor`; throws a problem when they are senseless.
page_request read_page(const admin_call& call);

/// A cursor is opaque to callers: it holds a position.
std::string to_cursor(std::string_view position);
/// Throws a problem for what to_cursor() did not make.
std::string from_cursor(std::string_view cursor);

/// The place of an item in a list by time: texts that sort as the times do.
std::string position_of(wall_time at, std::string_view id);

/// Items that lie elsewhere, each with its position.
template <class Item>
using positioned = std::vector<std::pair<std::string, Item>>;

/// {"items": [...], "next_cursor": ...}: one page of `all`, by position.
template <class Item, class Show>
json one_page(const admin_call& call, positioned<Item> all, page_order order, Show show) {
  const auto wanted = read_page(call);
  const auto comes_first = [order](std::string_view a, std::string_view b) {
    return order == page_order::oldest_first ? a < b : b < a;
  };
  std::ranges::sort(all, comes_first, &std::pair<std::string, Item>::first);
  auto next = wanted.after.empty() ? all.begin()
                                   : std::ranges::upper_bound(all, wanted.after, comes_first,
                                                              &std::pair<std::string, Item>::first);
  auto page = json::object();
  page["items"] = json::array();
  for (; next != all.end() && page["items"].size() < wanted.limit; ++next)
    page["items"].push_back(show(next->second));
  page["next_cursor"] = next == all.end() ? json(nullptr) : json(to_cursor((next - 1)->first));
  return page;
}

} // namespace axonhub::net
