#include "bench/stream_client/stream_load.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace axonhub::bench {

namespace {

constexpr auto scratch_size = std::size_t{128 * 1024};
constexpr auto nanoseconds_per_second = std::int64_t{1'000'000'000};

std::int64_t to_nanoseconds(std::chrono::milliseconds t) {
  return std::chrono::nanoseconds{t}.count();
}

std::string last_error(const char* what) { return std::string{what} + ": " + std::strerror(errno); }

/// What Claude Code sends before its body, with a session of this number.
std::string make_head(const load_plan& plan, std::size_t number) {
  char session[48];
  std::snprintf(session, sizeof session, "%08zx-5e55-4000-8000-000000000000", number);
  return "POST /v1/messages?beta=true HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(plan.port) +
         "\r\naccept: application/json\r\ncontent-type: application/json"
         "\r\nuser-agent: claude-cli/2.1.330 (external, sdk-cli)\r\nx-app: cli"
         "\r\nanthropic-version: 2023-06-01\r\nx-api-key: " +
         plan.key + "\r\nx-claude-code-session-id: " + session +
         "\r\ncontent-length: " + std::to_string(plan.body.size()) + "\r\n\r\n";
}

} // namespace

struct stream_load::client {
  int socket = -1;
  std::string head;
  std::size_t sent = 0; // of head and body
  bool waits_to_write = false;
  bool is_done = false; // asks no more
  std::int64_t asked = 0;
  answer_reader reader;

  ~client() { ::close(socket); }
};

stream_load::stream_load(load_plan plan)
    : plan_(std::move(plan)), poll_(::epoll_create1(EPOLL_CLOEXEC)), scratch_(scratch_size) {
  clients_.reserve(plan_.connections);
}

stream_load::~stream_load() { ::close(poll_); }

bool stream_load::is_asking() const {
  return plan_.duration.count() > 0 && clock_now() - start_ < to_nanoseconds(plan_.duration);
}

load_result stream_load::run() {
  start_ = clock_now();
  const auto end = start_ + to_nanoseconds(plan_.duration) + to_nanoseconds(plan_.patience);
  auto ready = std::array<epoll_event, 256>{};
  open_due();
  while (running_ > 0 || clients_.size() < plan_.connections) {
    const auto count = ::epoll_wait(poll_, ready.data(), ready.size(), milliseconds_to_next());
    for (auto i = 0; i < count; ++i) {
      auto& c = *static_cast<client*>(ready[i].data.ptr);
      if (c.is_done)
        continue;
      if ((ready[i].events & EPOLLOUT) != 0)
        write(c);
      if (!c.is_done && (ready[i].events & ~EPOLLOUT) != 0)
        read(c);
    }
    open_due();
    if (clock_now() > end) {
      seen_.problems["not over in time"] += running_;
      break;
    }
  }
  seen_.elapsed = clock_now() - start_;
  return std::move(seen_);
}

void stream_load::open_due() {
  const auto passed = clock_now() - start_;
  const auto due =
      plan_.ramp == 0
          ? plan_.connections
          : 1 + static_cast<std::size_t>(passed * static_cast<std::int64_t>(plan_.ramp) /
                                         nanoseconds_per_second);
  while (clients_.size() < std::min(due, plan_.connections))
    open(clients_.size());
}

int stream_load::milliseconds_to_next() const {
  return clients_.size() < plan_.connections ? 1 : 100;
}

void stream_load::open(std::size_t number) {
  auto& c = *clients_.emplace_back(std::make_unique<client>());
  c.head = make_head(plan_, number);
  c.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_port = htons(plan_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(c.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error{last_error("cannot connect")};
  const auto on = 1;
  ::setsockopt(c.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  watch(c, EPOLL_CTL_ADD, false);
  ++running_;
  ask(c);
}

void stream_load::ask(client& c) {
  c.reader = {};
  c.sent = 0;
  c.asked = clock_now();
  write(c);
}

void stream_load::write(client& c) {
  const auto size = c.head.size() + plan_.body.size();
  while (c.sent < size) {
    const auto of_head = std::min(c.sent, c.head.size());
    const auto of_body = c.sent - of_head;
    auto parts = std::array<iovec, 2>{
        iovec{c.head.data() + of_head, c.head.size() - of_head},
        iovec{plan_.body.data() + of_body, plan_.body.size() - of_body},
    };
    auto message = msghdr{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto moved = ::sendmsg(c.socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (moved < 0 && errno != EAGAIN)
      return finish(c, last_error("cannot send"));
    if (moved < 0)
      break;
    c.sent += static_cast<std::size_t>(moved);
  }
  if (const auto waits = c.sent < size; waits != c.waits_to_write)
    watch(c, EPOLL_CTL_MOD, waits);
}

void stream_load::read(client& c) {
  const auto got = ::recv(c.socket, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
  if (got < 0)
    return errno == EAGAIN ? void() : finish(c, last_error("cannot receive"));
  if (got == 0)
    return finish(c, "closed before the end");
  if (!c.reader.has_begun())
    seen_.first_bytes.push_back(clock_now() - c.asked);
  c.reader.feed({scratch_.data(), static_cast<std::size_t>(got)}, seen_.ages);
  if (c.reader.is_over())
    finish(c, c.reader.verdict(plan_.deltas));
}

/// Counts the answer; the connection asks again or is done.
void stream_load::finish(client& c, const std::string& problem) {
  seen_.deltas += c.reader.deltas();
  if (problem.empty()) {
    ++seen_.streams;
    seen_.ends.push_back(clock_now() - c.asked);
    if (is_asking())
      return ask(c);
  } else {
    ++seen_.problems[problem];
  }
  c.is_done = true;
  ::shutdown(c.socket, SHUT_RDWR);
  ::epoll_ctl(poll_, EPOLL_CTL_DEL, c.socket, nullptr);
  --running_;
}

void stream_load::watch(client& c, int operation, bool writes) {
  auto event = epoll_event{};
  event.events = EPOLLIN | (writes ? EPOLLOUT : 0U);
  event.data.ptr = &c;
  ::epoll_ctl(poll_, operation, c.socket, &event);
  c.waits_to_write = writes;
}

} // namespace axonhub::bench
