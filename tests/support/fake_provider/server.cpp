#include "tests/support/fake_provider/server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace axonhub::fake {

namespace {

constexpr auto scratch_size = std::size_t{512 * 1024};

void watch(int poll, int operation, int socket, std::uint64_t id, bool writes) {
  auto event = epoll_event{};
  event.events = EPOLLIN | (writes ? EPOLLOUT : 0U);
  event.data.u64 = id;
  ::epoll_ctl(poll, operation, socket, &event);
}

} // namespace

server::server(provider& mind, tls_context tls)
    : mind_(mind),
      tls_(std::move(tls)),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      scratch_(scratch_size) {}

server::~server() {
  ::close(listener_);
  ::close(poll_);
}

std::uint16_t server::listen(const std::string& host, std::uint16_t port) {
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    return 0;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto size = socklen_t{sizeof address};
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, any, &size) != 0)
    return 0;
  watch(poll_, EPOLL_CTL_ADD, listener_, 0, false);
  return ntohs(address.sin_port);
}

void server::run() {
  auto ready = std::array<epoll_event, 256>{};
  while (true) {
    const auto count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()),
                                    milliseconds_to_next_alarm());
    for (auto i = 0; i < count; ++i) {
      if (ready[i].data.u64 == 0)
        accept_all();
      else
        handle(ready[i].data.u64, ready[i].events);
    }
    if (!alarms_.empty())
      ring(std::chrono::steady_clock::now());
  }
}

void server::accept_all() {
  while (true) {
    const auto socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0)
      return;
    const auto on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto id = next_id_++;
    connections_.emplace(id, std::make_unique<connection>(socket, tls_.get(), mind_, id));
    watch(poll_, EPOLL_CTL_ADD, socket, id, false);
  }
}

void server::handle(std::uint64_t id, std::uint32_t events) {
  const auto found = connections_.find(id);
  if (found == connections_.end())
    return;
  auto& c = *found->second;
  const auto was_waiting = c.waits_to_write();
  if ((events & EPOLLOUT) != 0)
    c.on_writable();
  if (!c.is_over() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
    c.on_readable(scratch_);
  settle(id, c, was_waiting);
}

void server::ring(steady_time now) {
  while (!alarms_.empty() && alarms_.top().first <= now) {
    const auto id = alarms_.top().second;
    alarms_.pop();
    const auto found = connections_.find(id);
    if (found == connections_.end())
      continue;
    auto& c = *found->second;
    const auto was_waiting = c.waits_to_write();
    c.on_timer(now);
    settle(id, c, was_waiting);
  }
}

/// Ends the connection or watches for what it waits for.
void server::settle(std::uint64_t id, connection& c, bool was_waiting) {
  if (const auto due = c.take_timer())
    alarms_.emplace(*due, id);
  if (c.is_over())
    connections_.erase(id);
  else if (c.waits_to_write() != was_waiting)
    watch(poll_, EPOLL_CTL_MOD, c.socket(), id, c.waits_to_write());
}

int server::milliseconds_to_next_alarm() const {
  if (alarms_.empty())
    return -1;
  const auto left = alarms_.top().first - std::chrono::steady_clock::now();
  const auto rounded = std::chrono::ceil<milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(rounded, 0, 60'000));
}

} // namespace axonhub::fake
