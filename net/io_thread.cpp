#include "net/io_thread.hpp"

#include "net/connection.hpp"

namespace axonhub::net {
namespace {

constexpr auto sweep_interval = std::chrono::milliseconds{100};

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
  if (!open_.empty())
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
