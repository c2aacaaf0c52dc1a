#include "net/run.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>
#include <utility>

#include "actors/errors.hpp"
#include "actors/scheduler.hpp"
#include "actors/system.hpp"
#include "base/allocator.hpp"
#include "base/log.hpp"
#include "net/admin/access.hpp"
#include "net/server.hpp"

namespace axonhub::net {
namespace {

constexpr auto signal_check = milliseconds{50};

/// The signals that steer the process, taken by the main thread one after the other.
class steering {
public:
  steering() {
    sigemptyset(&set_);
    for (const auto s : {SIGTERM, SIGINT, SIGHUP})
      sigaddset(&set_, s);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr); // every thread made later inherits this
    std::signal(SIGPIPE, SIG_IGN);
  }

  /// The next signal, or 0 when none came within `patience`.
  int wait(milliseconds patience) const {
    const auto time = timespec{patience.count() / 1000, patience.count() % 1000 * 1'000'000};
    const auto got = sigtimedwait(&set_, nullptr, &time);
    return got > 0 ? got : 0;
  }

private:
  sigset_t set_;
};

void raise_file_limit() {
  auto files = rlimit{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

int refuse(const failure& why) {
  log::error("start.failed", {{"error", why.message}});
  log::stop();
  std::fprintf(stderr, "axonhub: %s\n", why.message.c_str());
  return 1;
}

store::store_config store_settings(const config::config& settings) {
  return {.folder = settings.db.path,
          .map_size = settings.db.map_size,
          .sync = settings.db.sync == config::db_sync::full,
          .master_key = settings.master_key,
          .master_key_file = {}};
}

/// Serves until a signal says otherwise; true when everything in flight ended by itself.
bool serve_until_told(const steering& signals, server& listening, const config::config& settings,
                      const std::atomic<bool>& broken) {
  for (;;) {
    const auto got = signals.wait(milliseconds{500});
    if (got == SIGHUP) {
      if (const auto reloaded = listening.reload_tls(); !reloaded)
        log::error("tls.reload_failed", {{"error", reloaded.error().message}});
      else
        log::info("tls.reloaded");
    } else if (got != 0 || broken) {
      break;
    }
  }
  log::info("draining", {{"connections", listening.connections()}});
  listening.drain();
  const auto limit = std::chrono::steady_clock::now() + settings.server.drain_timeout;
  while (listening.connections() > 0 && std::chrono::steady_clock::now() < limit) {
    const auto again = signals.wait(signal_check);
    if (again == SIGTERM || again == SIGINT)
      return false;
  }
  return listening.connections() == 0;
}

} // namespace

int run(const config::loaded& loaded) {
  const auto& settings = loaded.settings;
  const auto signals = steering{};
  allocator::start();
  raise_file_limit();
  log::start(settings.log.level);
  for (const auto& warning : loaded.warnings)
    log::warn("config.warning", {{"text", config::to_string(warning)}});

  auto kept = store::store::open(store_settings(settings));
  if (!kept)
    return refuse(kept.error());
  auto admins = admin_access::open(settings);
  if (!admins)
    return refuse(admins.error());

  auto measures = metrics::registry{AXONHUB_VERSION};
  auto events = event_log{};
  auto pool = actors::io_pool{settings.server.threads};
  auto caf_config = caf::actor_system_config{};
  actors::run_actors_on(caf_config, pool);
  actors::name_errors(caf_config);
  pool.start();
  auto system = std::make_optional<caf::actor_system>(caf_config);
  auto broken = std::atomic<bool>{false};
  auto hooks = actors::system_hooks{.committed =
                                        [&](const actors::commit_report& r) {
                                          measures.store_committed(r.took, !r.failed.failed());
                                        },
                                    .escalate = [&] { broken = true; }};
  auto running = actors::start_system(*system, pool, **kept, settings, std::move(hooks));
  if (!running) {
    system.reset();
    pool.stop();
    return refuse(running.error());
  }
  auto exit_code = 0;
  {
    auto shared = gateway{.settings = settings,
                          .measures = measures,
                          .board = *running->board,
                          .kept = **kept,
                          .events = events,
                          .admins = **admins,
                          .started_at = wall_now()};
    auto listening = server{pool, shared};
    if (const auto started = listening.start(); !started) {
      log::error("start.failed", {{"error", started.error().message}});
      std::fprintf(stderr, "axonhub: %s\n", started.error().message.c_str());
      exit_code = 1;
    } else {
      log::info("ready", {{"version", AXONHUB_VERSION}, {"threads", pool.size()}});
      const auto clean = serve_until_told(signals, listening, settings, broken);
      exit_code = broken ? 1 : 0;
      log::info("stopping", {{"drained", clean}});
    }
    listening.stop();
    actors::stop_system(*system, *running);
    system.reset();
    pool.stop();
  }
  kept->reset();
  log::info("stopped");
  log::stop();
  return exit_code;
}

} // namespace axonhub::net
