#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

namespace axonhub::net {

using address_list = std::vector<boost::asio::ip::address>;

/// For how long what was learnt of a name is used.
struct cache_times {
  milliseconds min_ttl;
  milliseconds max_ttl;
  milliseconds negative_ttl;
  milliseconds keep_last_good;
};

/// What the name servers said, by host name. Pure: time is an argument.
class resolver_cache {
public:
  explicit resolver_cache(cache_times times) : times_(times) {}

  /// What to answer without asking: a fresh answer, or after a fresh failure the last good answer,
  /// or that failure. Nothing when it is time to ask.
  std::optional<result<address_list>> find(const std::string& host, steady_time now) const;

  /// The last good answer, if it may still be used; fresh or not.
  const address_list* last_good(const std::string& host, steady_time now) const;

  void learn(const std::string& host, address_list addresses, milliseconds ttl, steady_time now);
  void fail(const std::string& host, error_code why, steady_time now);

  std::size_t size() const { return entries_.size(); }

private:
  struct entry {
    address_list addresses;
    steady_time fresh_until;
    steady_time usable_until;
    error_code failure;
    steady_time failed_until;
  };

  entry& entry_for(const std::string& host, steady_time now);

  cache_times times_;
  std::unordered_map<std::string, entry> entries_;
};

} // namespace axonhub::net
