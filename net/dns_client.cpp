#include "net/dns_client.hpp"

#include <ares.h>
#include <netinet/in.h>
#include <sys/time.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace axonhub::net {
namespace {

address_list addresses_of(const ares_addrinfo& found) {
  auto out = address_list{};
  for (const auto* node = found.nodes; node; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      auto raw = sockaddr_in{};
      std::memcpy(&raw, node->ai_addr, sizeof raw);
      out.emplace_back(asio::ip::address_v4{ntohl(raw.sin_addr.s_addr)});
    } else if (node->ai_family == AF_INET6) {
      auto raw = sockaddr_in6{};
      std::memcpy(&raw, node->ai_addr, sizeof raw);
      auto bytes = asio::ip::address_v6::bytes_type{};
      std::memcpy(bytes.data(), &raw.sin6_addr, bytes.size());
      out.emplace_back(asio::ip::address_v6{bytes, raw.sin6_scope_id});
    }
  }
  return out;
}

milliseconds ttl_of(const ares_addrinfo& found) {
  auto least = std::chrono::seconds{std::chrono::hours{24}};
  for (const auto* node = found.nodes; node; node = node->ai_next)
    least = std::min(least, std::chrono::seconds{node->ai_ttl});
  for (const auto* name = found.cnames; name; name = name->next)
    least = std::min(least, std::chrono::seconds{name->ttl});
  return least;
}

bool blames_servers(int status) {
  return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED || status == ARES_ESERVFAIL ||
         status == ARES_EREFUSED;
}

} // namespace

dns_client::dns_client(asio::io_context& context, dns_settings settings)
    : context_(context),
      settings_(std::move(settings)),
      timer_(context),
      channel_(nullptr, ares_destroy) {
  open();
}

dns_client::~dns_client() {
  channel_.reset(); // calls back for every question and socket
}

void dns_client::open() {
  channel_.reset();
  auto lookups = std::string{"fb"}; // the hosts file, then the servers
  auto options = ares_options{};
  options.timeout = static_cast<int>(settings_.query_timeout.count());
  options.tries = settings_.tries;
  options.lookups = lookups.data();
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
    static_cast<dns_client*>(self)->watch(fd, read != 0, write != 0);
  };
  ares_channel made = nullptr;
  if (ares_init_options(&made, &options,
                        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                            ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS)
    return;
  channel_.reset(made);
  if (!settings_.servers.empty() &&
      ares_set_servers_ports_csv(made, settings_.servers.c_str()) != ARES_SUCCESS)
    channel_.reset();
}

void dns_client::ask(const std::string& host, family wanted, handler on_answer) {
  // The servers may be new ones since: the machine changed its network.
  if (open_questions_ == 0 && std::exchange(servers_failed_, false))
    open();
  if (!channel_)
    return on_answer({{}, {}, errc::resolve_failed});
  auto hints = ares_addrinfo_hints{};
  hints.ai_flags = ARES_AI_ENVHOSTS;
  hints.ai_family = wanted == family::ipv4 ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ++open_questions_;
  ares_getaddrinfo(
      channel_.get(), host.c_str(), nullptr, &hints,
      [](void* raw, int status, int, ares_addrinfo* result) {
        const auto asked = std::unique_ptr<question>{static_cast<question*>(raw)};
        const auto found =
            std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)>{result, ares_freeaddrinfo};
        asked->asker.answer(*asked, status, found.get());
      },
      new question{*this, std::move(on_answer)}); // the callback, which always comes, owns it
  arm();
}

void dns_client::answer(question& asked, int status, const ares_addrinfo* found) {
  --open_questions_;
  if (status == ARES_EDESTRUCTION)
    return;
  servers_failed_ = blames_servers(status);
  auto out = dns_answer{};
  if (status == ARES_SUCCESS && found) {
    out.addresses = addresses_of(*found);
    out.ttl = ttl_of(*found);
  }
  if (out.addresses.empty())
    out.failure = status == ARES_ETIMEOUT ? errc::timeout : errc::resolve_failed;
  asked.on_answer(std::move(out));
}

void dns_client::watch(int fd, bool read, bool write) {
  auto& on = sockets_[fd];
  if (!read && !write) {
    if (on)
      on->socket.release(); // c-ares closes it
    sockets_.erase(fd);
    return;
  }
  if (!on)
    on = std::make_shared<watched>(context_, fd);
  on->wants_read = read;
  on->wants_write = write;
  wait_for(fd, on);
}

void dns_client::wait_for(int fd, const std::shared_ptr<watched>& on) {
  const auto start = [&](bool& waits, asio::posix::descriptor_base::wait_type what, int read_fd,
                         int write_fd) {
    waits = true;
    on->socket.async_wait(what, [self = weak_from_this(), of = std::weak_ptr{on}, &waits, fd,
                                 read_fd, write_fd](const error_code& failed) {
      const auto client = self.lock();
      const auto socket = of.lock(); // `waits` is a part of it
      if (!client || !socket)
        return;
      waits = false;
      if (failed)
        return;
      client->process(read_fd, write_fd);
      if (const auto at = client->sockets_.find(fd);
          at != client->sockets_.end() && at->second == socket)
        client->wait_for(fd, socket);
    });
  };
  if (on->wants_read && !on->waits_read)
    start(on->waits_read, asio::posix::descriptor_base::wait_read, fd, ARES_SOCKET_BAD);
  if (on->wants_write && !on->waits_write)
    start(on->waits_write, asio::posix::descriptor_base::wait_write, ARES_SOCKET_BAD, fd);
}

void dns_client::process(int read_fd, int write_fd) {
  if (!channel_)
    return;
  ares_process_fd(channel_.get(), read_fd, write_fd);
  arm();
}

void dns_client::arm() {
  auto left = timeval{};
  if (!channel_ || !ares_timeout(channel_.get(), nullptr, &left)) {
    timer_.cancel();
    return;
  }
  // One more millisecond: c-ares compares coarsely, and too early would mean again at once.
  timer_.expires_after(std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec} +
                       milliseconds{1});
  timer_.async_wait([self = weak_from_this()](const error_code& failed) {
    if (const auto client = self.lock(); client && !failed)
      client->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

} // namespace axonhub::net
