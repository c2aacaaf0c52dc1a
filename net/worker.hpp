#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/world.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "metrics/registry.hpp"
#include "metrics/request_metrics.hpp"
#include "net/events.hpp"
#include "net/farewells.hpp"
#include "net/io_thread.hpp"
#include "net/live_requests.hpp"
#include "net/plan_cache.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"
#include "net/upstream_pool.hpp"
#include "net/upstream_target.hpp"
#include "policy/retry_budget.hpp"

namespace axonhub::net {

class admin_access;
struct worker;

/// What all I/O threads share. Made before them, ends after them.
struct gateway {
  const config::config& settings;
  metrics::registry& measures;
  actors::world_board& board;
  store::store& kept;
  event_log& events;
  admin_access& admins;
  wall_time started_at;
  std::atomic<bool> draining = false;
  std::atomic<std::uint64_t> body_bytes = 0; ///< Request bodies in memory now.
  policy::retry_budget retries{};
  asio::thread_pool slow_work{2}; ///< For what would hold up an I/O thread.
  std::vector<worker*> workers{}; ///< One per I/O thread; set before they run.
};

/// What belongs to one I/O thread.
struct worker {
  worker(std::size_t number, asio::io_context& context, gateway& all);

  std::size_t index;
  gateway& shared;
  io_thread io;
  resolver names;
  upstream_pool pool;
  farewells leaving;
  target_cache targets;
  metrics::request_metrics counts;
  live_requests live;
  plan_cache plans;

  /// The configuration and the actors as this thread sees them now.
  const actors::world_ptr& world() const { return shared.board.current(); }
};

} // namespace axonhub::net
