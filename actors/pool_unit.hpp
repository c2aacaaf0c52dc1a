#pragma once

#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>
#include <caf/fwd.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace axonhub::actors {

/// Runs the actors of one I/O thread, in turns between its I/O.
class pool_unit final : public caf::execution_unit, public std::enable_shared_from_this<pool_unit> {
public:
  pool_unit(caf::actor_system& system, boost::asio::io_context& context);

  /// From actors and coroutines of this thread; from elsewhere it is enqueue().
  void exec_later(caf::resumable* job) override;

  /// From any thread.
  void enqueue(caf::resumable* job);

  /// Runs `wake` and then what it woke, all before returning; on this thread.
  template <class Wake>
  void run_now(Wake wake) {
    const auto outermost = !busy_;
    busy_ = true;
    wake();
    if (outermost)
      run();
  }

  /// Runs what is ready for the last time; what comes afterwards is ended and released. On this
  /// thread, or while it does not run.
  void close();

private:
  bool here() const;
  void take_inbox();
  void run();
  void resume(caf::resumable* job);
  void post_turn();

  boost::asio::io_context& context_;

  // Used on this thread only.
  std::vector<caf::resumable*> ready_;
  std::vector<caf::resumable*> round_;
  bool busy_ = false;   // whoever set it will call run()
  bool posted_ = false; // a turn waits in the context

  // From other threads.
  std::mutex mutex_;
  std::vector<caf::resumable*> inbox_;
  bool closed_ = false;
};

} // namespace axonhub::actors
