#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "net/task.hpp"
#include "net/worker.hpp"

namespace axonhub::net {

/// Runs `work` on the pool's threads while the coroutine's own goes on with others, and comes back
/// with what it returned. `work` must not touch what belongs to the I/O thread; what it reads must
/// outlive the wait, as the coroutine's frame does.
template <class Work>
auto offload(asio::thread_pool& pool, Work work) -> task<decltype(work())> {
  auto made = std::optional<decltype(work())>{};
  auto thrown = std::exception_ptr{}; // memory may run out
  const auto start = [&](auto resume) {
    asio::post(pool, [&, resume = std::move(resume)]() mutable {
      try {
        made.emplace(work());
      } catch (...) {
        thrown = std::current_exception();
      }
      const auto home = asio::get_associated_executor(resume);
      asio::post(home, std::move(resume));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<io_executor>, void()>(start, as_task);
  if (thrown)
    std::rethrow_exception(thrown);
  co_return *std::move(made);
}

/// The same only where `bytes` of work are more than an I/O thread may be held up by.
template <class Work>
auto in_time(worker& here, std::size_t bytes, Work work) -> task<decltype(work())> {
  constexpr auto most = std::size_t{128} * 1024; // well below a millisecond
  if (bytes <= most)
    co_return work();
  co_return co_await offload(here.shared.slow_work, std::move(work));
}

} // namespace axonhub::net
