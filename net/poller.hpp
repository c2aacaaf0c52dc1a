#pragma once

#include <sys/epoll.h>

#include <array>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "net/task.hpp"

namespace axonhub::net {

/// What a poller tells of a socket.
struct io_events {
  bool readable = false;
  bool writable = false;
  bool hung_up = false; ///< The peer ended its side, or the connection broke.
};

/// Who hears of a socket's events.
class io_listener {
public:
  virtual void on_events(io_events what) = 0;

protected:
  ~io_listener() = default;
};

/// Tells the connections of one thread when their sockets become ready. A socket is registered
/// once, edge-triggered, for its whole life: waiting for it costs no system call. (Asio's reactor
/// makes one call for each wait, and each call wakes it once more.)
class poller {
public:
  explicit poller(asio::io_context& context);

  /// From now on `who` hears each change to ready; the present state counts as one.
  error_code add(int socket, io_listener& who);

  /// `who` hears nothing more, not even of what has happened already.
  void remove(int socket, const io_listener& who);

  /// Suspends until the events that came together are delivered; not at all when there is no other.
  /// Who writes after it writes together with the others, so that a peer on this machine wakes up
  /// once for many messages: its wake-ups can cost more than everything else here.
  task<void> turn_end();

private:
  using continuation = asio::async_result<asio::use_awaitable_t<io_executor>, void()>::handler_type;

  void arm();
  void deliver();

  asio::posix::basic_stream_descriptor<io_executor> epoll_;
  std::array<epoll_event, 64> events_{};
  std::size_t begin_ = 0; // of the events that are not delivered yet
  std::size_t end_ = 0;
  std::vector<continuation> waiting_; // for the turn's end
};

} // namespace axonhub::net
