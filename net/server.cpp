#include "net/server.hpp"

#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "base/log.hpp"
#include "net/session.hpp"

namespace axonhub::net {
namespace {

constexpr auto backlog = 4096;
constexpr auto handshake_time = std::chrono::seconds{10};
constexpr auto pause_when_out_of_files = milliseconds{100};

/// Connections that the open-file limit allows: each client needs one, and its upstream another.
std::size_t connection_limit(const config::limit_settings& limits) {
  if (limits.max_connections > 0)
    return limits.max_connections;
  auto files = rlimit{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return 1000;
  return std::max<std::size_t>(files.rlim_cur / 2, 16) - 8;
}

} // namespace

/// Ends with the client's connection, however that ends.
struct server::open_client {
  server& here;

  explicit open_client(server& s) : here(s) {
    ++here.connections_;
    here.shared_.measures.connection_opened(metrics::side::client);
  }
  ~open_client() {
    here.shared_.measures.connection_closed(metrics::side::client);
    const auto lock = std::scoped_lock{here.empty_mutex_}; // stop() may end `here` after it
    if (--here.connections_ == 0)
      here.empty_.notify_all();
  }
  open_client(const open_client&) = delete;
  open_client& operator=(const open_client&) = delete;
};

server::server(actors::io_pool& pool, gateway& shared) : pool_(pool), shared_(shared) {
  for (std::size_t i = 0; i < pool.size(); ++i)
    workers_.push_back(std::make_unique<worker>(i, pool.context(i), shared));
  for (const auto& w : workers_)
    shared.workers.push_back(w.get());
}

server::~server() = default;

ssl_context_ptr server::tls() const {
  const auto lock = std::scoped_lock{tls_mutex_};
  return tls_;
}

checked<void> server::reload_tls() {
  const auto& files = shared_.settings.server.tls;
  if (files.cert_file.empty())
    return {};
  auto made = make_server_context(files.cert_file, files.key_file);
  if (!made)
    return made.error();
  const auto lock = std::scoped_lock{tls_mutex_};
  tls_ = *made;
  return {};
}

checked<void> server::start() {
  if (auto ready = reload_tls(); !ready)
    return ready;
  const auto& settings = shared_.settings;
  if (auto done = listen_on(settings.server.host, settings.server.port, false); !done)
    return done;
  if (settings.metrics.enabled && settings.metrics.port != 0)
    return listen_on(settings.metrics.host, settings.metrics.port, true);
  return {};
}

checked<void> server::listen_on(const std::string& host, std::uint16_t port, bool for_metrics) {
  if (!host.empty()) {
    auto ec = error_code{};
    const auto address = asio::ip::make_address(host, ec);
    if (ec.failed())
      return failure{errc::invalid_argument,
                     "The host to listen on must be an IP address: " + host};
    return listen({address, port}, for_metrics);
  }
  if (auto done = listen({asio::ip::address_v4::loopback(), port}, for_metrics); !done)
    return done;
  // The same port on both; a machine without IPv6 does with one.
  const auto same = acceptors_.back()->local_endpoint().port();
  if (const auto v6 = listen({asio::ip::address_v6::loopback(), same}, for_metrics); !v6)
    log::info("listening.v4_only", {{"reason", v6.error().message}});
  return {};
}

checked<void> server::listen(const asio::ip::tcp::endpoint& at, bool for_metrics) {
  auto ec = error_code{};
  auto made = std::make_unique<acceptor>(pool_.context(0));
  made->open(at.protocol(), ec);
  if (!ec.failed() && at.address().is_v6())
    made->set_option(asio::ip::v6_only{at.address().is_loopback()}, ec);
  if (!ec.failed())
    made->set_option(asio::socket_base::reuse_address{true}, ec);
  if (!ec.failed())
    made->bind(at, ec);
  if (!ec.failed())
    made->listen(backlog, ec);
  if (ec.failed())
    return failure{errc::invalid_argument, "Cannot listen on " + at.address().to_string() + ":" +
                                               std::to_string(at.port()) + ": " + ec.message()};
  log::info("listening", {{"host", at.address().to_string()},
                          {"port", made->local_endpoint().port()},
                          {"scheme", tls() ? "https" : "http"},
                          {"serves", for_metrics ? "metrics" : "everything"}});
  acceptors_.push_back(std::move(made));
  asio::co_spawn(pool_.context(0).get_executor(), accept_on(*acceptors_.back(), for_metrics),
                 asio::detached);
  return {};
}

task<void> server::accept_on(acceptor& from, bool for_metrics) {
  const auto limit = connection_limit(shared_.settings.server.limits);
  for (;;) {
    auto& chosen = *workers_[next_++ % workers_.size()];
    auto [ec, socket] = co_await from.async_accept(chosen.io.context().get_executor(), as_values);
    if (ec == asio::error::operation_aborted || !from.is_open())
      co_return;
    if (ec.failed()) { // no file handle left, most likely: those in use will come back
      log::warn("accept.failed", {{"error", ec.message()}});
      co_await sleep_for(pause_when_out_of_files);
      continue;
    }
    if (connections_ >= limit) {
      log::warn("accept.refused", {{"connections", connections_.load()}});
      continue; // closed here: better no answer than a worse one for all
    }
    // The connection waits in its own way: Asio's reactor need not know this socket.
    const auto fd = socket.release(ec);
    if (ec.failed())
      continue;
    asio::co_spawn(chosen.io.context().get_executor(), serve_client(chosen, fd, for_metrics),
                   [](std::exception_ptr e) {
                     if (!e)
                       return;
                     try {
                       std::rethrow_exception(e);
                     } catch (const std::exception& bug) {
                       log::error("session.died", {{"error", bug.what()}});
                     }
                   });
  }
}

task<void> server::serve_client(worker& w, int socket, bool for_metrics) {
  const auto counted = open_client{*this};
  auto client = std::make_shared<connection>(w.io, socket, true);
  if (const auto context = tls()) {
    client->set_deadline_in(handshake_time);
    const auto ec =
        co_await client->handshake(make_server_session(*context, client->socket()), true);
    if (ec.failed())
      co_return;
    client->clear_deadline();
  }
  auto s = session{w, client, for_metrics};
  co_await s.run();
}

void server::drain() {
  shared_.draining = true;
  auto closed = std::promise<void>{};
  asio::post(pool_.context(0), [&] {
    for (const auto& a : acceptors_) {
      auto ignored = error_code{};
      a->close(ignored);
    }
    closed.set_value();
  });
  closed.get_future().wait();
  for (const auto& w : workers_)
    asio::post(pool_.context(w->index), [io = &w->io] { io->close_idle(); });
}

void server::stop() {
  // A session that ends may open one more connection on its way out: look again until all are gone.
  for (auto rounds = 0; rounds < 200; ++rounds) {
    auto leaving = std::size_t{0};
    for (const auto& w : workers_) {
      auto closed = std::promise<std::size_t>{};
      asio::post(pool_.context(w->index), [&] {
        w->pool.clear();
        w->io.close_all();
        closed.set_value(w->leaving.count());
      });
      leaving += closed.get_future().get();
    }
    auto lock = std::unique_lock{empty_mutex_};
    if (empty_.wait_for(lock, milliseconds{10}, [this] { return connections_ == 0; }) &&
        leaving == 0)
      break;
  }
}

} // namespace axonhub::net
