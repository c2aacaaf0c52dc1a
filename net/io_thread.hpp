#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "base/time.hpp"
#include "net/poller.hpp"
#include "net/task.hpp"

namespace axonhub::net {

class connection;

using io_timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, io_executor>;

/// Suspends a coroutine.
task<void> sleep_for(std::chrono::milliseconds duration);

/// What the connections of one I/O thread share: the sweep over their deadlines and a buffer for
/// bytes on their way through.
class io_thread {
public:
  static constexpr std::size_t scratch_size = 64 * 1024;

  explicit io_thread(asio::io_context& context);

  asio::io_context& context() { return context_; }
  poller& events() { return events_; }

  /// For bytes between two waits: nobody may keep anything in it across a co_await.
  char* scratch() { return scratch_.get(); }

  /// Calls `what` with each sweep over the connections.
  void at_sweep(std::function<void(steady_time)> what) { at_sweep_ = std::move(what); }

  /// Closes the connections that wait for a next request, as marked.
  void close_idle();

  /// Closes every connection; their coroutines end soon.
  void close_all();
  std::size_t connections() const { return open_.size(); }

private:
  friend class connection;

  void add(connection& c, std::list<connection*>::iterator& place);
  void remove(std::list<connection*>::iterator place);
  void arm(std::chrono::milliseconds pause);
  void sweep();

  asio::io_context& context_;
  poller events_;
  io_timer timer_;
  std::list<connection*> open_;
  std::list<connection*>::iterator next_; // of the sweep in progress
  std::unique_ptr<char[]> scratch_;
  std::function<void(steady_time)> at_sweep_;
};

} // namespace axonhub::net
