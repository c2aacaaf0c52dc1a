#include "net/io_thread.hpp"

#include "net/connection.hpp"

// Of the allocator that the program is linked with; tests have another.
extern "C" [[gnu::weak]] void mi_collect(bool force);

namespace axonhub::net {
namespace {

constexpr auto sweep_interval = std::chrono::milliseconds{100};
constexpr auto collect_interval = std::chrono::seconds{5};
constexpr auto few_connections = std::size_t{64};

constexpr auto afterwards =
    std::chrono::seconds{30}; // what the last connection used may be idle then

thread_local steady_time collected_at;
thread_local steady_time busy_at;

/// What sessions and requests have freed on this thread goes back to the system: only the thread
/// itself can see to that. True when nothing more is to be expected.
bool give_back_memory(steady_time now, std::size_t connections) {
  if (connections > 0)
    busy_at = now;
  if (now - collected_at >= collect_interval) {
    collected_at = now;
    if (mi_collect != nullptr)
      mi_collect(connections <= few_connections);
  }
  return now - busy_at > afterwards;
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
  place = open_.insert(open_.begin(), &c);
  arm();
}

void io_thread::remove(std::list<connection*>::iterator place) {
  if (place == next_)
    ++next_;
  open_.erase(place);
}

void io_thread::arm() {
  if (armed_)
    return;
  armed_ = true;
  timer_.expires_after(sweep_interval);
  timer_.async_wait([this](error_code ec) {
    armed_ = false;
    if (!ec.failed())
      sweep();
  });
}

void io_thread::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (next_ = open_.begin(); next_ != open_.end();)
    (*next_++)->sweep(now);
  const auto done = give_back_memory(now, open_.size());
  if (!open_.empty() || !done)
    arm();
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
