// What the routing of one request costs: CPU of the whole process, with the real actors on one of
// our threads. `empty_turn` is what the harness itself costs; with a single trace everything is in
// the processor's caches.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "actors/channel.hpp"
#include "actors/channel_settings.hpp"
#include "actors/directory.hpp"
#include "actors/live_traces.hpp"
#include "actors/scheduler.hpp"
#include "actors/trace.hpp"
#include "base/random.hpp"
#include "net/ask.hpp"
#include "net/plan_cache.hpp"

namespace {

using namespace axonhub;
using namespace std::chrono_literals;

constexpr auto channels = 50;
constexpr auto questions_per_round = 1000;

struct deaf_recorder_state {
  static constexpr const char* name = "deaf_recorder";
  int unused = 0;
};

actors::recorder_actor::behavior_type deaf_recorder(
    actors::recorder_actor::stateful_pointer<deaf_recorder_state>) {
  return {
      [](atom::write, const store::write_batch&) {},
      [](atom::bind, const store::stored_binding&) {},
      [](atom::count, const store::stored_counters&) {},
      [](atom::drain) {},
      [](atom::flush) {},
      [](atom::tick) {},
      [](atom::sweep) {},
  };
}

policy::catalog_ptr catalog_of_channels() {
  auto data = policy::catalog_data{};
  for (auto i = 0; i < channels; ++i) {
    auto c = policy::channel{};
    c.id = {make_id("ch_")};
    c.name = c.id.text;
    c.type = "anthropic";
    c.status = policy::channel_status::enabled;
    c.base_url = "https://upstream.example";
    c.supported_models = {"claude-opus-5-5"};
    auto key = policy::credential{};
    key.id = {make_id("cr_")};
    key.channel = c.id;
    data.credentials.emplace(key.id, key);
    data.channels.emplace(c.id, c);
  }
  return std::make_shared<const policy::catalog>(std::move(data), secret{"a key for hashes"});
}

std::string trace_name(int number) { return derive_id("tr_", std::to_string(number)); }

/// Traces, channels and the directory of one gateway, with as many live traces as wanted.
class gateway {
public:
  explicit gateway(int traces) {
    actors::run_actors_on(config_, pool_);
    system_ = std::make_unique<caf::actor_system>(config_);
    world_.revision = 1;
    world_.catalog = catalog_of_channels();
    for (const auto& [id, settings] : actors::settings_of_channels(*world_.catalog)) {
      auto& running = world_.channels[id];
      running.load = std::make_shared<std::atomic<std::uint32_t>>();
      running.actor = system_->spawn(
          actors::channel,
          actors::channel_config{.settings = settings, .now = now, .load = running.load});
    }
    recorder_ = system_->spawn(deaf_recorder);
    directory_ = system_->spawn(
        actors::directory,
        actors::directory_config{
            .find_binding = [](const trace_id&) -> result<std::optional<store::stored_binding>> {
              return std::optional<store::stored_binding>{};
            },
            .recorder = recorder_,
            .affinity = {},
            .now = now});
    pool_.start();
    keys_.reserve(static_cast<std::size_t>(traces));
    for (auto i = 0; i < traces; ++i)
      keys_.push_back({.id = {trace_name(i)}, .project = {}, .external = {}});
    run([this]() -> net::task<void> {
      for (const auto& key : keys_)
        traces_.push_back(
            *co_await net::ask<actors::trace_actor>(directory_, 1s, atom::find_v, key));
    });
  }

  ~gateway() {
    traces_.clear();
    for (const auto& [id, running] : world_.channels)
      caf::anon_send_exit(running.actor, caf::exit_reason::user_shutdown);
    world_ = {};
    caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(recorder_, caf::exit_reason::user_shutdown);
    directory_ = nullptr;
    recorder_ = nullptr;
    system_.reset();
  }

  template <class Work>
  void run(Work work) {
    boost::asio::co_spawn(pool_.context(0), std::move(work), boost::asio::use_future).get();
  }

  /// Finds the plan, gets a lease, gives it back, and tells the trace how it went.
  net::task<void> decide(std::size_t number) {
    const auto plan = plans_.find(world_, nullptr, "claude-opus-5-5");
    const auto& trace = traces_[number];
    auto wanted = actors::route_request{};
    wanted.request = {"rq_" + std::to_string(number)};
    wanted.candidates = plan->candidates;
    wanted.dice = random_bits();
    auto answer = co_await net::ask<actors::route_answer>(trace, 1s, atom::route_v, wanted);
    net::tell(answer->actor, atom::release_v, policy::attempt_outcome{.used = *answer->granted});
    auto ended = policy::request_outcome{.request = wanted.request, .completed = true};
    ended.served = std::move(answer->granted);
    net::tell(trace, atom::finish_v, std::move(ended));
  }

  net::task<void> find(std::size_t number) {
    benchmark::DoNotOptimize(
        co_await net::ask<actors::trace_actor>(directory_, 1s, atom::find_v, keys_[number]));
  }

  /// What find() does besides asking.
  net::task<void> copy_key(std::size_t number) {
    auto key = keys_[number];
    benchmark::DoNotOptimize(key);
    co_return;
  }

  const actors::trace_actor& any_trace() const { return traces_.front(); }

private:
  actors::io_pool pool_{1};
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  actors::world world_;
  actors::recorder_actor recorder_;
  actors::directory_actor directory_;
  std::vector<actors::trace_key> keys_;
  std::vector<actors::trace_actor> traces_;
  net::plan_cache plans_;
};

// One after the other in an order without locality, each in a turn of its own.
template <class Step>
void run_rounds(benchmark::State& state, gateway& at, std::size_t traces, Step step) {
  auto next = std::size_t{0};
  for (auto _ : state)
    at.run([&]() -> net::task<void> {
      for (auto i = 0; i < questions_per_round; ++i) {
        next = (next + 7919) % traces;
        co_await step(next);
        co_await boost::asio::post(net::as_task);
      }
    });
  state.SetItemsProcessed(state.iterations() * questions_per_round);
}

void decision_empty_turn(benchmark::State& state) {
  const auto traces = static_cast<std::size_t>(state.range(0));
  auto at = gateway{static_cast<int>(traces)};
  run_rounds(state, at, traces, [&](std::size_t i) { return at.copy_key(i); });
}

// Each trace is bound once the first round is over: so it is in life.
void whole_decision(benchmark::State& state) {
  const auto traces = static_cast<std::size_t>(state.range(0));
  auto at = gateway{static_cast<int>(traces)};
  at.run([&]() -> net::task<void> {
    for (auto i = std::size_t{0}; i < traces; ++i)
      co_await at.decide(i);
  });
  run_rounds(state, at, traces, [&](std::size_t i) { return at.decide(i); });
}

void directory_hit(benchmark::State& state) {
  const auto traces = static_cast<std::size_t>(state.range(0));
  auto at = gateway{static_cast<int>(traces)};
  run_rounds(state, at, traces, [&](std::size_t i) { return at.find(i); });
}

// The directory's own part of it.
void live_trace_lookup(benchmark::State& state) {
  auto at = gateway{1};
  auto live = actors::live_traces{};
  auto ids = std::vector<trace_id>{};
  for (auto i = 0; i < 100'000; ++i) {
    ids.push_back({trace_name(i)});
    live.add(ids.back(), at.any_trace(), steady_time{});
  }
  auto next = std::size_t{0};
  for (auto _ : state) {
    next = (next + 7919) % ids.size();
    benchmark::DoNotOptimize(live.use(ids[next], steady_time{}));
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(decision_empty_turn)->Arg(1)->Arg(100'000)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(whole_decision)->Arg(1)->Arg(10'000)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(directory_hit)->Arg(1)->Arg(100'000)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(live_trace_lookup);

} // namespace
