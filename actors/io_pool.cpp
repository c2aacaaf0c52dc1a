#include "actors/io_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <string>

#include "base/log.hpp"

namespace axonhub::actors {

thread_local io_pool::worker* io_pool::here_ = nullptr;

io_pool::io_pool(std::size_t threads) {
  for (auto i = std::size_t{0}; i < std::max<std::size_t>(threads, 1); ++i) {
    workers_.push_back(std::make_unique<worker>());
    workers_.back()->index = i;
  }
}

io_pool::~io_pool() { stop(); }

void io_pool::start() {
  if (running_.exchange(true))
    return;
  for (auto& w : workers_)
    w->thread = std::thread{[&w = *w] { w.run(); }};
}

void io_pool::stop() {
  if (!running_)
    return;
  for (auto& w : workers_)
    w->context.stop();
  for (auto& w : workers_)
    w->thread.join();
  running_ = false;
}

std::optional<std::size_t> io_pool::current() {
  if (!here_)
    return std::nullopt;
  return here_->index;
}

caf::execution_unit* io_pool::current_unit() {
  return here_ ? here_->unit.load(std::memory_order_acquire) : nullptr;
}

void io_pool::set_unit(std::size_t index, caf::execution_unit* unit) {
  workers_[index]->unit.store(unit, std::memory_order_release);
}

void io_pool::worker::run() {
  pthread_setname_np(pthread_self(), ("io-" + std::to_string(index)).c_str());
  here_ = this;
  for (;;) {
    try {
      context.run();
      break; // stopped
    } catch (const std::exception& e) {
      log::error("io.handler_threw", {{"thread", index}, {"what", e.what()}});
    } catch (...) {
      log::error("io.handler_threw", {{"thread", index}, {"what", "no std::exception"}});
    }
  }
  here_ = nullptr;
}

} // namespace axonhub::actors
