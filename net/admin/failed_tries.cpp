#include "net/admin/failed_tries.hpp"

#include <algorithm>

namespace axonhub::net {

milliseconds failed_tries::add(std::string_view address, steady_time now) {
  if (entries_.size() >= most_addresses && !entries_.contains(address))
    forget_old(now);
  auto& e = entries_[std::string{address}];
  if (e.count == 0 || now - e.since > window)
    e = {now, 0};
  ++e.count;
  if (e.count <= free_tries)
    return milliseconds{0};
  const auto doublings = std::min<std::uint32_t>(e.count - free_tries - 1, 10);
  return std::min(longest_delay, milliseconds{100} * (1 << doublings));
}

/// Makes room: what is out of its window, or else everything.
void failed_tries::forget_old(steady_time now) {
  std::erase_if(entries_, [&](const auto& row) { return now - row.second.since > window; });
  if (entries_.size() >= most_addresses)
    entries_.clear();
}

} // namespace axonhub::net
