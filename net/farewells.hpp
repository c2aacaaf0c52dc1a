#pragma once

#include <cstddef>

#include "net/connection.hpp"
#include "net/upstream_pool.hpp"
#include "net/upstream_reader.hpp"
#include "net/upstream_target.hpp"

namespace axonhub::net {

/// The upstream connections of one thread whose clients have their whole answer while its end on
/// the wire is still to come. Nobody waits for that but the connection: it may serve again after
/// it.
class farewells {
public:
  /// More than so many at once are closed.
  static constexpr std::size_t most = 256;

  farewells(io_thread& io, upstream_pool& pool) : io_(io), pool_(pool) {}

  /// Reads the answer's end, for a second at most, and puts the connection into the pool; or closes
  /// it.
  void await_end(connection_ptr from, upstream_reader reader, upstream_target_ptr target);

  /// Connections that are still waited for.
  std::size_t count() const { return count_; }

private:
  task<void> read_end(connection_ptr from, upstream_reader reader, upstream_target_ptr target);

  io_thread& io_;
  upstream_pool& pool_;
  std::size_t count_ = 0;
};

} // namespace axonhub::net
