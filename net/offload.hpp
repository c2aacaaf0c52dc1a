#pragma once

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "net/task.hpp"
#include "net/worker.hpp"

namespace axonhub::net {

using metrics::chore;

/// Whether work of so many bytes may hold up an I/O thread for too long. What passes bytes faster
/// than a conversion does counts fewer of them.
constexpr bool is_long(std::size_t bytes) {
  return bytes > std::size_t{128} * 1024; // of a conversion: well below a millisecond
}

/// The bytes of work that it is to look through a body, or to move it.
constexpr std::size_t to_scan(std::size_t body) { return body / 8; }

/// Runs `work` on the pool's threads while the coroutine's own goes on with others, and comes back
/// with what it returned. `work` must not touch what belongs to the I/O thread; what it reads must
/// outlive the wait, as the coroutine's frame does.
template <class Work>
auto offload(worker& here, chore what, Work work) -> task<decltype(work())> {
  auto& pool = here.shared.slow_work;
  here.shared.measures.offloaded(what);
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

/// The same only where `bytes` of work are more than an I/O thread may be held up by. Where that is
/// rare and the path is hot, ask is_long() first: this is a coroutine, too.
template <class Work>
auto in_time(worker& here, chore what, std::size_t bytes, Work work) -> task<decltype(work())> {
  if (!is_long(bytes))
    co_return work();
  co_return co_await offload(here, what, std::move(work));
}

/// Whether `text` would have to move, and that for long, to have room for `more` bytes behind it.
inline bool moves_long(const std::string& text, std::size_t more) {
  return is_long(to_scan(text.size())) && text.capacity() - text.size() < more;
}

/// Moves such a text beside the I/O thread. It has twice its room afterwards, at least. Who makes
/// the room of a long text is who gives its pages back to the system: that takes long, too.
inline task<void> make_room(worker& here, chore what, std::string& text, std::size_t more) {
  co_await offload(here, what, [&text, more] {
    text.reserve(std::max(text.size() + more, 2 * text.size()));
    return true;
  });
}

} // namespace axonhub::net
