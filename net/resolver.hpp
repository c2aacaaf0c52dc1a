#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/task.hpp"

namespace axonhub::net {

/// How names are resolved. The defaults fit a service; tests set `servers` and `clock`.
struct resolver_config {
  std::string servers; ///< "127.0.0.1:5353,[::1]:53"; empty: those of /etc/resolv.conf.
  milliseconds query_timeout = std::chrono::seconds{1}; ///< Of the first try; the next wait longer.
  int tries = 3;                                        ///< At each server.
  milliseconds min_ttl = std::chrono::seconds{1};       ///< An answer serves at least so long,
  milliseconds max_ttl = std::chrono::minutes{5};       ///< and at most so long.
  milliseconds negative_ttl = std::chrono::seconds{2};  ///< A failure is not asked again before.
  milliseconds keep_last_good = std::chrono::minutes{10}; ///< An old answer's use after a failure.
  milliseconds patience{500};   ///< A slow server's time before an old answer is used.
  milliseconds ipv4_delay{200}; ///< A slow answer's time before IPv4 is asked for alone.
  std::function<steady_time()> clock = std::chrono::steady_clock::now; ///< For what is kept.
};

/// Turns host names into addresses; one per I/O thread, used on that thread, destroyed before its
/// context. It has no thread of its own and never waits for the network inside a call.
class resolver {
public:
  explicit resolver(asio::io_context& context, resolver_config settings = {});
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;

  /// Whoever still waits gets errc::shutting_down.
  ~resolver();

  /// The addresses of a host, never none, best first. IP literals, also [v6], and fresh answers
  /// come at once. Whoever asks for a name at the same time shares one query. When the name servers
  /// fail, are slow or deny the name, its last good answer serves for up to ten minutes. Fails with
  /// errc::resolve_failed, errc::timeout (the deadline) or errc::cancelled.
  task<result<std::vector<asio::ip::address>>> resolve(std::string host, milliseconds deadline);

private:
  class state;

  std::shared_ptr<state> state_; // coroutines that wait share it
};

} // namespace axonhub::net
