#include "net/resolver_cache.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::net {

namespace {
constexpr auto max_entries = std::size_t{1024};
} // namespace

std::optional<result<address_list>> resolver_cache::find(const std::string& host,
                                                         steady_time now) const {
  const auto found = entries_.find(host);
  if (found == entries_.end())
    return std::nullopt;
  const auto& known = found->second;
  if (now < known.fresh_until)
    return known.addresses;
  if (now >= known.failed_until)
    return std::nullopt;
  if (now < known.usable_until)
    return known.addresses;
  return known.failure;
}

const address_list* resolver_cache::last_good(const std::string& host, steady_time now) const {
  const auto found = entries_.find(host);
  return found != entries_.end() && now < found->second.usable_until ? &found->second.addresses
                                                                     : nullptr;
}

void resolver_cache::learn(const std::string& host, address_list addresses, milliseconds ttl,
                           steady_time now) {
  auto& known = entry_for(host, now);
  known.addresses = std::move(addresses);
  known.fresh_until = now + std::clamp(ttl, times_.min_ttl, times_.max_ttl);
  known.usable_until = known.fresh_until + times_.keep_last_good;
  known.failed_until = {};
}

void resolver_cache::fail(const std::string& host, error_code why, steady_time now) {
  auto& known = entry_for(host, now);
  known.failure = why;
  known.failed_until = now + times_.negative_ttl;
}

resolver_cache::entry& resolver_cache::entry_for(const std::string& host, steady_time now) {
  if (entries_.size() >= max_entries && !entries_.contains(host)) {
    std::erase_if(entries_, [now](const auto& e) {
      return e.second.usable_until <= now && e.second.failed_until <= now;
    });
    if (entries_.size() >= max_entries)
      entries_.erase(entries_.begin());
  }
  return entries_[host];
}

} // namespace axonhub::net
