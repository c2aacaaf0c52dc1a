// What one decision costs: CPU of the whole process, on our scheduler and on CAF's own.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <thread>

#include "actors/held_promise.hpp"
#include "net/ask.hpp"

namespace {

using namespace axonhub;
using namespace std::chrono_literals;

constexpr auto questions_per_round = 1000;

// A channel in miniature: grants and takes back leases.
using channel_actor =
    caf::typed_actor<caf::replies_to<caf::get_atom, int>::with<int>, caf::reacts_to<caf::put_atom>>;

class channel : public channel_actor::base {
public:
  explicit channel(caf::actor_config& config) : channel_actor::base(config) {}

  behavior_type make_behavior() override {
    return {
        [this](caf::get_atom, int lease) {
          ++in_flight_;
          return lease;
        },
        [this](caf::put_atom) { --in_flight_; },
    };
  }

private:
  int in_flight_ = 0;
};

// A trace in miniature: asks its channel for the lease that it answers.
using trace_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;

class trace : public trace_actor::base {
public:
  trace(caf::actor_config& config, channel_actor target)
      : trace_actor::base(config), channel_(std::move(target)) {}

  behavior_type make_behavior() override {
    return {[this](int number) {
      auto owed = actors::held_promise<int>{make_response_promise<int>()};
      auto promise = owed.promise();
      request(channel_, caf::infinite, caf::get_atom::value, number)
          .then([owed = std::move(owed)](int lease) mutable { owed.deliver(lease); });
      return promise;
    }};
  }

private:
  channel_actor channel_;
};

// Actors on the I/O threads.
class our_threads {
public:
  our_threads() {
    actors::run_actors_on(config_, pool_);
    system_ = std::make_unique<caf::actor_system>(config_);
    pool_.start();
  }

  caf::actor_system& system() { return *system_; }
  boost::asio::io_context& context() { return pool_.context(0); }

private:
  actors::io_pool pool_{2};
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

// Actors on CAF's workers, coroutines on a thread of their own.
class caf_threads {
public:
  caf_threads() : work_(context_.get_executor()) {
    config_.set("scheduler.max-threads", std::size_t{2});
    system_ = std::make_unique<caf::actor_system>(config_);
    thread_ = std::thread{[this] { context_.run(); }};
  }

  ~caf_threads() {
    system_.reset();
    context_.stop();
    thread_.join();
  }

  caf::actor_system& system() { return *system_; }
  boost::asio::io_context& context() { return context_; }

private:
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_}; // with its reactor, as every I/O thread has it
  boost::asio::executor_work_guard<net::io_executor> work_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::thread thread_;
};

// One after the other, each in a turn of its own as when a request arrives.
template <class Step>
void run_rounds(benchmark::State& state, boost::asio::io_context& context, Step step) {
  for (auto _ : state)
    boost::asio::co_spawn(
        context,
        [&step]() -> net::task<void> {
          for (auto i = 0; i < questions_per_round; ++i) {
            co_await step(i);
            co_await boost::asio::post(net::as_task);
          }
        },
        boost::asio::use_future)
        .get();
  state.SetItemsProcessed(state.iterations() * questions_per_round);
}

template <class Threads>
void empty_turn(benchmark::State& state) {
  auto threads = Threads{};
  run_rounds(state, threads.context(), [](int) -> net::task<void> { co_return; });
}

template <class Threads>
void one_ask(benchmark::State& state) {
  auto threads = Threads{};
  const auto target = threads.system().template spawn<channel>();
  run_rounds(state, threads.context(), [target](int i) -> net::task<void> {
    benchmark::DoNotOptimize(co_await net::ask<int>(target, 1s, caf::get_atom::value, i));
  });
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
}

template <class Threads>
void lease_and_release(benchmark::State& state) {
  auto threads = Threads{};
  const auto leases = threads.system().template spawn<channel>();
  const auto session = threads.system().template spawn<trace>(leases);
  run_rounds(state, threads.context(), [=](int i) -> net::task<void> {
    benchmark::DoNotOptimize(co_await net::ask<int>(session, 1s, i));
    net::tell(leases, caf::put_atom::value);
  });
  caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(leases, caf::exit_reason::user_shutdown);
}

#define ON_BOTH(name)                                                   \
  BENCHMARK(name<our_threads>)->MeasureProcessCPUTime()->UseRealTime(); \
  BENCHMARK(name<caf_threads>)->MeasureProcessCPUTime()->UseRealTime()

ON_BOTH(empty_turn);
ON_BOTH(one_ask);
ON_BOTH(lease_and_release);

} // namespace
