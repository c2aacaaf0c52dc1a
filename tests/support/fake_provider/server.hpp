#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/support/fake_provider/connection.hpp"

namespace axonhub::fake {

/// Accepts connections and plays them on one thread.
class server {
public:
  server(provider& mind, tls_context tls);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Listens; the port that was taken, or 0 when the address cannot be used.
  std::uint16_t listen(const std::string& host, std::uint16_t port);

  /// Serves until the process ends.
  [[noreturn]] void run();

private:
  using alarm = std::pair<steady_time, std::uint64_t>;

  void accept_all();
  void handle(std::uint64_t id, std::uint32_t events);
  void ring(steady_time now);
  void settle(std::uint64_t id, connection& c, bool was_waiting);
  int milliseconds_to_next_alarm() const;

  provider& mind_;
  tls_context tls_;
  int poll_;
  int listener_ = -1;
  std::uint64_t next_id_ = 1;
  std::vector<char> scratch_;
  std::unordered_map<std::uint64_t, std::unique_ptr<connection>> connections_;
  std::priority_queue<alarm, std::vector<alarm>, std::greater<>> alarms_;
};

} // namespace axonhub::fake
