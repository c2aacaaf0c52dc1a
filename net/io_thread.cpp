#include "net/io_thread.hpp"

#include "base/allocator.hpp"
#include "net/connection.hpp"

namespace axonhub::net {
namespace {

constexpr auto sweep_interval = std::chrono::milliseconds{100};
constexpr auto collect_interval = std::chrono::seconds{5};
constexpr auto few_connections = std::size_t{64};

// Without a connection there is only memory to give back: traces leave long after their last one.
constexpr auto idle_interval = std::chrono::seconds{20};

thread_local steady_time collected_at;

/// What sessions, requests and traces have freed on this thread goes back to the system: only the
/// thread itself can see to that.
void give_back_memory(steady_time now, std::size_t connections) {
  if (now - collected_at < collect_interval)
    return;
  collected_at = now;
  allocator::collect(connections <= few_connections);
}

} // namespace

task<void> sleep_for(std::chrono::milliseconds duration) {
  auto timer = io_timer{co_await asio::this_coro::executor, duration};
  co_await timer.async_wait(as_values);
}

io_thread::io_thread(asio::io_context& context)
    : context_(context),
      events_(context),
      timer_(context),
      next_(open_.end()),
      scratch_(std::make_unique<char[]>(scratch_size)) {}

void io_thread::add(connection& c, std::list<connection*>::iterator& place) {
  if (open_.empty())
    arm(sweep_interval);
  place = open_.insert(open_.begin(), &c);
}

void io_thread::remove(std::list<connection*>::iterator place) {
  if (place == next_)
    ++next_;
  open_.erase(place);
}

void io_thread::arm(std::chrono::milliseconds pause) {
  timer_.expires_after(pause); // a longer one ends
  timer_.async_wait([this](error_code ec) {
    if (!ec.failed())
      sweep();
  });
}

void io_thread::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (next_ = open_.begin(); next_ != open_.end();)
    (*next_++)->sweep(now);
  if (at_sweep_)
    at_sweep_(now);
  give_back_memory(now, open_.size());
  arm(open_.empty() ? idle_interval : sweep_interval);
}

void io_thread::close_idle() {
  for (next_ = open_.begin(); next_ != open_.end();) {
    const auto alive = (*next_++)->shared_from_this();
    if (alive->is_idle())
      alive->close();
  }
}

void io_thread::close_all() {
  timer_.cancel();
  for (next_ = open_.begin(); next_ != open_.end();) {
    const auto alive = (*next_++)->shared_from_this();
    alive->close();
  }
}

} // namespace axonhub::net
