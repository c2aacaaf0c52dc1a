#pragma once

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/poller.hpp"
#include "net/task.hpp"
#include "net/tls.hpp"
#include "net/wake_slot.hpp"

namespace axonhub::metrics {
class registry;
}

namespace axonhub::net {

class io_thread;

/// How a read or write without waiting went.
enum class io_state : std::uint8_t {
  ok,
  would_block,
  ended, ///< The peer ended its side properly.
  broken,
};

struct io_step {
  io_state state = io_state::ok;
  std::size_t size = 0;
};

/// A TCP connection, plain or TLS, that lives and dies on one I/O thread. Reading and writing never
/// wait: waiting is readable() and writable(), so that an idle connection holds no buffer. What the
/// socket is known to refuse is not tried: that spares a system call.
class connection final : public std::enable_shared_from_this<connection>, private io_listener {
public:
  /// Takes over an open socket. One that is still connecting becomes writable, or fails, later.
  connection(io_thread& owner, int socket, bool connected);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// A coroutine that has moved `longest_run` bytes without a wait is told that it would block:
  /// readable() lets the thread's others have their turn then.
  io_step try_read(char* to, std::size_t room);
  io_step try_write(std::string_view bytes);
  /// Gathers; the size is of all parts together, and at most `longest_run`.
  io_step try_write(std::span<const std::string_view> parts);

  /// Until there may be something to read. Errors: errc::timeout at the deadline, errc::cancelled
  /// after cancel(), errc::connection_closed after close(). One coroutine at a time.
  task<error_code> readable();
  /// The same for writing.
  task<error_code> writable();

  /// Everything, waiting as often as it takes; at most until the deadline. At most eight parts,
  /// whose bytes must stay where they are until it ends.
  task<error_code> write_all(std::string_view bytes);
  task<error_code> write_all(std::span<const std::string_view> parts);
  /// The same; errc::timeout also when the peer takes nothing at all for so long. Sets the
  /// deadline.
  task<error_code> write_all(std::span<const std::string_view> parts, milliseconds patience,
                             steady_time last);

  /// From now on this speaks TLS; the handshake ends by the deadline.
  task<error_code> handshake(ssl_ptr session, bool as_server);
  SSL* tls() const { return ssl_.get(); }

  /// When waits end with errc::timeout; noticed up to a tenth of a second late.
  void set_deadline(steady_time when) { deadline_ = when; }
  void set_deadline_in(milliseconds from_now);
  void clear_deadline() { deadline_ = steady_time::max(); }

  /// Ends the present and all later waits with errc::cancelled.
  void cancel();
  bool is_cancelled() const { return cancelled_; }

  /// Calls `gone` once when the peer ends or breaks the connection while no coroutine reads.
  /// Pipelined bytes are not "gone"; neither is the end of the peer's side if `half_close`.
  void watch_peer(std::function<void()> gone, bool half_close);
  void stop_watching() { on_gone_ = nullptr; }

  /// Sends what TLS owes and ends the connection. Again: nothing.
  void close();
  /// Ends it with a reset, so that nobody takes the bytes so far for the whole.
  void abort();
  /// From now until its end this counts as a connection to an upstream.
  void count_as_upstream(metrics::registry& measures);

  /// Between two requests: nobody loses anything when it ends.
  void set_idle(bool idle) { idle_ = idle; }
  bool is_idle() const { return idle_; }

  bool is_open() const { return socket_ >= 0; }

  /// True when an idle connection is still as it was left: open, with nothing to read.
  bool is_quiet();

  std::string peer_address() const;
  io_thread& owner() { return owner_; }
  int socket() const { return socket_; }
  /// No more bytes to the peer; its own may still come.
  void end_sending();

  /// So many bytes, copied by the kernel and encrypted, take a fraction of a millisecond.
  static constexpr std::size_t longest_run = 256 * 1024;

private:
  friend class io_thread;

  void on_events(io_events what) override;
  void look_for_peer();
  void end_socket();
  void sweep(steady_time now);
  task<error_code> wait_for(wake_slot& slot, const bool& ready);
  task<error_code> pause();
  task<error_code> write_parts(std::array<std::string_view, 8> parts,
                               milliseconds patience = milliseconds::max(),
                               steady_time last = steady_time::max());
  int tls_error(int returned);
  io_step tls_step(int returned);

  io_thread& owner_;
  int socket_;
  ssl_ptr ssl_;
  wake_slot reader_;
  wake_slot writer_;
  std::function<void()> on_gone_;
  steady_time deadline_ = steady_time::max();
  std::list<connection*>::iterator place_;
  bool may_read_;            // nothing says that the socket is empty
  bool may_write_;           // nothing says that it is full
  std::size_t read_run_ = 0; // bytes read since the last wait
  bool hung_up_ = false;
  int tls_wants_ = 0;             // what the last call of OpenSSL ended with
  bool read_wants_write_ = false; // of the last read
  bool write_wants_read_ = false; // of the last write
  bool half_close_ = false;
  bool cancelled_ = false;
  bool timed_out_ = false;
  bool idle_ = false;
  metrics::registry* counted_ = nullptr;
};

using connection_ptr = std::shared_ptr<connection>;

} // namespace axonhub::net
