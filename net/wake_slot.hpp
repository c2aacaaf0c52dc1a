#pragma once

#include <optional>
#include <utility>

#include "net/task.hpp"

namespace axonhub::net {

/// Where one coroutine of a thread waits until somebody on the same thread wakes it.
class wake_slot {
public:
  bool is_waiting() const { return waiting_.has_value(); }

  /// Suspends the caller until wake().
  task<void> wait() {
    co_await asio::async_initiate<const asio::use_awaitable_t<io_executor>&, void()>(
        [this](continuation resume) { waiting_.emplace(std::move(resume)); }, as_task);
  }

  /// The waiting coroutine, if any, goes on at once, before this returns.
  void wake() {
    if (waiting_)
      (*std::exchange(waiting_, std::nullopt))();
  }

private:
  using continuation = asio::async_result<asio::use_awaitable_t<io_executor>, void()>::handler_type;

  std::optional<continuation> waiting_;
};

} // namespace axonhub::net
