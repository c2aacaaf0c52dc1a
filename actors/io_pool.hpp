#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace caf {
class execution_unit;
}

namespace axonhub::actors {

/// The I/O threads: each runs one io_context of its own, and the actors run on them too. A handler
/// that throws is logged; its thread goes on.
class io_pool {
public:
  /// At least one thread. Nothing runs before start(), but handlers may be posted.
  explicit io_pool(std::size_t threads);

  /// Stops, then destroys what still waits in the contexts, on the calling thread.
  ~io_pool();

  std::size_t size() const { return workers_.size(); }
  boost::asio::io_context& context(std::size_t index) { return workers_[index]->context; }

  /// Starts the threads, named io-0, io-1, ... Once.
  void start();

  /// Stops the contexts and joins the threads; handlers that have not begun do not run. An actor
  /// system on this pool must have ended before. Not on an I/O thread.
  void stop();

  bool running() const { return running_; }

  /// Which I/O thread runs the caller; nullopt elsewhere.
  static std::optional<std::size_t> current();

  /// What runs actors on the calling I/O thread; nullptr elsewhere, and while no actor system uses
  /// this pool.
  static caf::execution_unit* current_unit();

  /// For the scheduler: from now on `unit` runs the actors of thread `index`.
  void set_unit(std::size_t index, caf::execution_unit* unit);

private:
  struct worker {
    std::size_t index = 0;
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
        boost::asio::make_work_guard(context);
    std::atomic<caf::execution_unit*> unit = nullptr;
    std::thread thread;

    void run();
  };

  static thread_local worker* here_;

  std::vector<std::unique_ptr<worker>> workers_;
  std::atomic<bool> running_ = false;
};

} // namespace axonhub::actors
