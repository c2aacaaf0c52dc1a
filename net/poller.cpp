#include "net/poller.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

namespace axonhub::net {

poller::poller(asio::io_context& context) : epoll_(context, ::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.is_open())
    throw std::system_error{errno, std::generic_category(), "epoll_create1"};
  arm();
}

error_code poller::add(int socket, io_listener& who) {
  auto event = epoll_event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &who;
  if (::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0)
    return {};
  return {errno, boost::system::system_category()};
}

void poller::remove(int socket, const io_listener& who) {
  ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (auto i = begin_; i < end_; ++i)
    if (events_[i].data.ptr == &who)
      events_[i].data.ptr = nullptr;
}

void poller::arm() {
  epoll_.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code ec) {
    if (ec.failed())
      return; // the thread ends
    deliver();
    arm();
  });
}

void poller::deliver() {
  const auto count =
      ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  begin_ = 0;
  end_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  while (begin_ < end_) {
    const auto& event = events_[begin_++];
    if (event.data.ptr == nullptr)
      continue;
    const auto is = [bits = event.events](auto mask) {
      return (bits & static_cast<std::uint32_t>(mask)) != 0;
    };
    static_cast<io_listener*>(event.data.ptr)
        ->on_events({.readable = is(EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR),
                     .writable = is(EPOLLOUT | EPOLLHUP | EPOLLERR),
                     .hung_up = is(EPOLLRDHUP | EPOLLHUP | EPOLLERR)});
  }
  // Nobody joins meanwhile: no event is left to wait for.
  for (auto& resume : std::exchange(waiting_, {}))
    resume();
}

task<void> poller::turn_end() {
  if (begin_ < end_)
    co_await asio::async_initiate<const asio::use_awaitable_t<io_executor>&, void()>(
        [this](continuation resume) { waiting_.push_back(std::move(resume)); }, as_task);
}

} // namespace axonhub::net
