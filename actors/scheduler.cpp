#include "actors/scheduler.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/logger.hpp>
#include <caf/make_actor.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <latch>
#include <utility>

#include "actors/errors.hpp"
#include "actors/log_printer.hpp"
#include "actors/pool_clock.hpp"
#include "actors/pool_unit.hpp"

namespace axonhub::actors {

namespace {

/// CAF's scheduler module, with the threads of a pool for its workers.
class pool_coordinator final : public caf::scheduler::abstract_coordinator {
public:
  pool_coordinator(caf::actor_system& system, io_pool& pool)
      : abstract_coordinator(system), pool_(pool), clock_(pool.context(0)) {}

  void init(caf::actor_system_config& config) override {
    abstract_coordinator::init(config);
    num_workers_ = pool_.size();
  }

  void start() override {
    auto config = caf::actor_config{};
    utility_actors_[printer_id] = caf::make_actor<log_printer, caf::actor>(
        system().next_actor_id(), system().node(), &system(), config);
    for (auto i = std::size_t{0}; i < pool_.size(); ++i) {
      units_.push_back(std::make_shared<pool_unit>(system(), pool_.context(i)));
      pool_.set_unit(i, units_.back().get());
    }
  }

  // The units close on their threads, so that nothing of this system runs there afterwards.
  void stop() override {
    auto closed = std::latch{static_cast<std::ptrdiff_t>(units_.size())};
    for (auto i = std::size_t{0}; i < units_.size(); ++i) {
      auto close = [this, &closed, i] {
        units_[i]->close();
        caf::logger::set_current_actor_system(
            nullptr); // left by spawn(); ~actor_system waits for it
        pool_.set_unit(i, nullptr);
        closed.count_down();
      };
      if (pool_.running())
        boost::asio::post(pool_.context(i), close);
      else
        close();
    }
    closed.wait();
    clock_.cancel_all();
    utility_actors_[printer_id] = nullptr;
  }

  void enqueue(caf::resumable* job) override {
    if (auto* here = io_pool::current_unit(); here && &here->system() == &system())
      return here->exec_later(job);
    units_[next_worker_++ % units_.size()]->enqueue(job);
  }

  caf::actor_clock& clock() noexcept override { return clock_; }

private:
  io_pool& pool_;
  std::vector<std::shared_ptr<pool_unit>> units_;
  pool_clock clock_; // wakes actors on the units
};

} // namespace

void run_actors_on(caf::actor_system_config& config, io_pool& pool) {
  config.module_factories.push_back(
      [&pool](caf::actor_system& system) { return new pool_coordinator(system, pool); });
  name_errors(config);
}

void deliver(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr message) {
  target->enqueue(std::move(message), io_pool::current_unit());
}

void deliver_now(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr message) {
  auto* unit = static_cast<pool_unit*>(io_pool::current_unit());
  if (!unit)
    return deliver(target, std::move(message));
  unit->run_now([&] { target->enqueue(std::move(message), unit); });
}

} // namespace axonhub::actors
