#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/resolver_cache.hpp"
#include "net/task.hpp"

struct ares_channeldata;
struct ares_addrinfo;

namespace axonhub::net {

/// How to reach the name servers.
struct dns_settings {
  std::string servers; ///< Empty: those of /etc/resolv.conf.
  milliseconds query_timeout;
  int tries;
};

/// What a name has: addresses, or why there are none.
struct dns_answer {
  address_list addresses; ///< Best first; never empty without a failure.
  milliseconds ttl{0};    ///< The shortest one.
  error_code failure;
};

/// c-ares on Asio: asks /etc/hosts, then the name servers. Used on its context's thread.
class dns_client : public std::enable_shared_from_this<dns_client> {
public:
  using handler = std::function<void(dns_answer)>;

  enum class family : std::uint8_t { any, ipv4 };

  dns_client(asio::io_context& context, dns_settings settings);
  dns_client(const dns_client&) = delete;
  dns_client& operator=(const dns_client&) = delete;

  /// Open questions are dropped: their handlers are not called.
  ~dns_client();

  /// Calls `on_answer` once, maybe before this returns. It must not destroy the client.
  void ask(const std::string& host, family wanted, handler on_answer);

private:
  using channel_ptr = std::unique_ptr<ares_channeldata, void (*)(ares_channeldata*)>;

  struct question {
    dns_client& asker;
    handler on_answer;
  };

  /// A socket of c-ares, which closes it itself.
  struct watched {
    explicit watched(asio::io_context& context, int fd) : socket(context, fd) {}

    asio::posix::basic_stream_descriptor<io_executor> socket;
    bool wants_read = false;
    bool wants_write = false;
    bool waits_read = false;
    bool waits_write = false;
  };

  void open();
  void answer(question& asked, int status, const ares_addrinfo* found);
  void watch(int fd, bool read, bool write);
  void wait_for(int fd, const std::shared_ptr<watched>& on);
  void process(int read_fd, int write_fd);
  void arm();

  asio::io_context& context_;
  dns_settings settings_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, io_executor>
      timer_;
  std::unordered_map<int, std::shared_ptr<watched>> sockets_;
  std::size_t open_questions_ = 0;
  bool servers_failed_ = false;
  channel_ptr channel_;
};

} // namespace axonhub::net
