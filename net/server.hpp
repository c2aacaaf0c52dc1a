#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/io_pool.hpp"
#include "net/worker.hpp"

namespace axonhub::net {

/// The listeners and the threads' workers: accepts clients and hands them round the I/O threads, so
/// that long streams spread evenly.
class server {
public:
  server(actors::io_pool& pool, gateway& shared);
  ~server();

  /// Listens. The pool runs already. Fails with a text for the operator.
  checked<void> start();

  /// Reads the certificate files again; connections that exist keep theirs. What is wrong with the
  /// new ones leaves the old ones in use and comes back as a text.
  checked<void> reload_tls();

  /// No new connections; idle ones end, requests in flight go on.
  void drain();
  /// Client connections that are still open.
  std::size_t connections() const { return connections_.load(); }
  /// Ends every connection that is left and waits until nothing of them runs any more.
  void stop();

private:
  struct open_client;
  using acceptor = asio::basic_socket_acceptor<asio::ip::tcp, io_executor>;

  checked<void> listen(const asio::ip::tcp::endpoint& at, bool for_metrics);
  checked<void> listen_on(const std::string& host, std::uint16_t port, bool for_metrics);
  task<void> accept_on(acceptor& from, bool for_metrics);
  task<void> serve_client(worker& w, int socket, bool for_metrics);
  ssl_context_ptr tls() const;

  actors::io_pool& pool_;
  gateway& shared_;
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::unique_ptr<acceptor>> acceptors_;
  mutable std::mutex tls_mutex_;
  ssl_context_ptr tls_;
  std::atomic<std::size_t> connections_ = 0;
  std::mutex empty_mutex_;
  std::condition_variable empty_; ///< The last connection has ended.
  std::size_t next_ = 0;          ///< Worker of the next client; used on the accepting thread only.
};

} // namespace axonhub::net
