#include "net/worker.hpp"

namespace axonhub::net {

worker::worker(std::size_t number, asio::io_context& context, gateway& all)
    : index(number),
      shared(all),
      io(context),
      names(context),
      pool(all.settings.upstream.pool_idle),
      leaving(io, pool),
      counts(all.measures) {
  io.at_sweep([this](steady_time now) { pool.sweep(now); });
}

} // namespace axonhub::net
