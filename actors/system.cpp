#include "actors/system.hpp"

#include <algorithm>
#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <future>
#include <utility>

#include "actors/supervisor.hpp"

namespace axonhub::actors {
namespace {

constexpr std::size_t expired_at_once = 250; // as few as a commit writes, for the same reason

/// The start ends once: with the first world, or because nothing helps.
class start_signal {
public:
  void set(bool well) {
    if (!set_.exchange(true))
      outcome_.set_value(well);
  }
  bool wait() { return outcome_.get_future().get(); }

private:
  std::atomic<bool> set_ = false;
  std::promise<bool> outcome_;
};

recorder_config recorder_of(store::store& store, const config::config& settings) {
  auto config = recorder_config{};
  config.write = [&store](const store::write_batch& step) { return store.write(step); };
  config.expire = [&store, ttl = settings.affinity.ttl] {
    return store.expire_bindings(wall_now() - ttl, expired_at_once);
  };
  return config;
}

directory_config directory_of(store::store& store, const config::config& settings,
                              std::size_t shards) {
  auto config = directory_config{};
  config.find_binding = [&store](const trace_id& id) { return store.find_binding(id); };
  config.affinity.ttl = settings.affinity.ttl;
  config.trace_ttl = settings.server.trace.ttl;
  config.max_live = std::max<std::size_t>(settings.server.trace.max_live / shards, 1);
  config.now = now;
  return config;
}

catalog_config catalog_of(store::store& store) {
  auto config = catalog_config{};
  config.load = [&store] { return store.load_catalog(); };
  config.find_counters = [&store](const key_id& id) { return store.find_counters(id); };
  config.hash_key = store.hash_key();
  config.now = now;
  return config;
}

} // namespace

checked<running_system> start_system(caf::actor_system& system, io_pool& pool, store::store& store,
                                     const config::config& settings, system_hooks hooks) {
  if (const auto readable = store.load_catalog(); !readable)
    return failure{errc::store_corrupt,
                   "the configuration in the store cannot be read: " + readable.error().message()};
  auto running = running_system{.board = std::make_unique<world_board>(pool), .supervisor = {}};
  auto started = std::make_shared<start_signal>();
  auto config = supervisor_config{};
  config.recorder = recorder_of(store, settings);
  config.recorder.committed = std::move(hooks.committed);
  config.directory = directory_of(store, settings, pool.size());
  config.catalog = catalog_of(store);
  config.catalog.publish = [board = running.board.get(), started](world_ptr next,
                                                                  std::function<void()> adopted) {
    board->publish(std::move(next), [started, adopted = std::move(adopted)] {
      adopted();
      started->set(true);
    });
  };
  config.shards = pool.size();
  config.escalate = [started, escalate = std::move(hooks.escalate)] {
    started->set(false);
    if (escalate)
      escalate();
  };
  config.now = now;
  running.supervisor = system.spawn(supervisor, std::move(config));
  if (started->wait())
    return running;
  stop_system(system, running);
  return failure{errc::unknown_failure, "the actors do not start; the log says why"};
}

void stop_system(caf::actor_system& system, running_system& running) {
  auto self = caf::scoped_actor{system};
  self->request(running.supervisor, caf::infinite, atom::drain_v)
      .receive([] {}, [](const caf::error&) {}); // an error: it has ended already
  running.supervisor = supervisor_actor{};
  running.board->clear();
}

} // namespace axonhub::actors
