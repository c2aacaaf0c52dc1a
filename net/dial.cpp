#include "net/dial.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "net/address_guard.hpp"
#include "net/worker.hpp"

namespace axonhub::net {
namespace {

using policy::attempt_failure;
using policy::failure_kind;

dialled fail(failure_kind kind, std::string message) {
  return {nullptr, attempt_failure{.kind = kind,
                                   .http_status = 0,
                                   .retry_after = {},
                                   .type = {},
                                   .message = std::move(message)}};
}

/// Connects to one address by the deadline.
task<dialled> connect_to(worker& w, asio::ip::tcp::endpoint peer, milliseconds limit,
                         cancel_scope& scope) {
  const auto fd = ::socket(peer.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    co_return fail(failure_kind::connect, std::string{"No socket: "} + std::strerror(errno));
  const auto connected = ::connect(fd, peer.data(), static_cast<socklen_t>(peer.size())) == 0;
  const auto why = connected ? 0 : errno;
  auto made = std::make_shared<connection>(w.io, fd, connected);
  scope.active = made;
  if (!connected) {
    if (why != EINPROGRESS)
      co_return fail(failure_kind::connect, std::strerror(why));
    made->set_deadline_in(limit);
    if (const auto waited = co_await made->writable(); waited.failed())
      co_return waited == errc::timeout
          ? fail(failure_kind::connect_timeout, "No connection within the connect timeout")
          : fail(failure_kind::connect, waited.message());
    auto error = 0;
    auto size = socklen_t{sizeof(error)};
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
      co_return fail(failure_kind::connect, std::strerror(error));
  }
  made->clear_deadline();
  made->count_as_upstream(w.shared.measures);
  co_return dialled{std::move(made), std::nullopt};
}

task<dialled> secure(dialled plain, upstream_target_ptr target, milliseconds limit) {
  auto& c = *plain.ready;
  auto tls = make_client_session(*target->trust, c.socket(), target->host);
  if (!tls)
    co_return fail(failure_kind::tls, "TLS could not be set up");
  c.set_deadline_in(limit);
  if (const auto ec = co_await c.handshake(std::move(tls), false); ec.failed())
    co_return fail(failure_kind::tls, ec == errc::timeout ? "The TLS handshake took too long"
                                                          : explain_failure(*c.tls()));
  c.clear_deadline();
  co_return plain;
}

/// An address' part of the time that is left, so that a dead one leaves some to the others.
milliseconds share_of(steady_time end, std::size_t addresses_left) {
  const auto left = to_ms(end - std::chrono::steady_clock::now());
  return std::max(left / static_cast<std::int64_t>(addresses_left), milliseconds{1});
}

} // namespace

task<dialled> dial(worker& w, upstream_target_ptr target, dial_limits limits, cancel_scope& scope) {
  const auto end = std::chrono::steady_clock::now() + limits.connect;
  const auto addresses = co_await w.names.resolve(target->host, limits.connect);
  if (!addresses)
    co_return fail(failure_kind::resolve, "The host name " + target->host + " has no address");
  auto last = fail(failure_kind::address_refused,
                   "The address of " + target->host +
                       " is private: set allow_private_network on the channel to permit it");
  auto left = addresses->size();
  for (const auto& address : *addresses) {
    const auto limit = share_of(end, left--);
    if (scope.cancelled)
      co_return fail(failure_kind::connect, "cancelled");
    if (!is_allowed(address, target->allow_private))
      continue;
    last = co_await connect_to(w, {address, target->port}, limit, scope);
    if (last.ready && target->tls)
      last = co_await secure(std::move(last), target, limits.tls);
    if (last.ready || last.failed->kind == failure_kind::tls)
      break;
  }
  co_return last;
}

} // namespace axonhub::net
