#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "net/connection.hpp"

namespace axonhub::net {

/// The idle upstream connections of one thread.
class upstream_pool {
public:
  static constexpr std::size_t idle_per_target = 1024;

  explicit upstream_pool(milliseconds idle_life) : idle_life_(idle_life) {}

  /// The one used last that is still alive, or none.
  connection_ptr take(const std::string& key);

  /// Keeps a connection whose answer was read to its end.
  void put(const std::string& key, connection_ptr c);

  /// Closes those that nobody has used for too long, whether or not anybody takes others.
  void sweep(steady_time now);

  void clear() { idle_.clear(); }

private:
  struct idle {
    connection_ptr what;
    steady_time since;
  };

  void drop_old(std::vector<idle>& waiting, steady_time now);

  milliseconds idle_life_;
  std::unordered_map<std::string, std::vector<idle>> idle_;
};

} // namespace axonhub::net
