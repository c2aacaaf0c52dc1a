#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tests/support/fake_provider/provider.hpp"
#include "tests/support/fake_provider/transport.hpp"

namespace axonhub::fake {

using steady_time = std::chrono::steady_clock::time_point;

/// One client: reads requests and plays their answers, one after the other.
class connection {
public:
  connection(int socket, SSL_CTX* tls, provider& mind, std::uint64_t id);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  int socket() const { return wire_.socket(); }

  /// Reads into `scratch`, which every connection of the thread shares.
  void on_readable(std::span<char> scratch);
  void on_writable();
  void on_timer(steady_time now);

  bool is_over() const { return over_; }
  bool waits_to_write() const { return waits_to_write_; }

  /// When on_timer is due; nothing while no time matters. Asking clears it.
  std::optional<steady_time> take_timer() { return std::exchange(timer_, std::nullopt); }

private:
  std::size_t serve(std::string_view bytes, std::size_t capacity);
  void serve_held();
  std::size_t serve_one(std::string_view bytes, std::size_t capacity);
  std::size_t await_body(const request_head& head);
  void serve_request(const request& r);
  void start(answer a);
  void begin();
  void step();
  void append_events(bool one_delta);
  void flush();
  void finish();
  void lose_client();

  transport wire_;
  provider& mind_;
  std::uint64_t id_;
  std::uint64_t requests_ = 0;
  std::string held_;       ///< Bytes of a request that is not complete, or not due yet.
  std::size_t wanted_ = 0; ///< Bytes that the next request has, once its head told.
  std::string out_;
  std::size_t sent_ = 0;
  std::optional<answer> current_;
  std::optional<steady_time> timer_;
  steady_time due_;
  bool begun_ = false;
  bool counted_ = false; ///< The current answer is in the book.
  bool is_control_ = false;
  bool closes_ = false;
  bool continued_ = false;
  bool waits_to_write_ = false;
  bool over_ = false;
};

} // namespace axonhub::fake
