#pragma once

#include <boost/asio/execution_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>
#include <caf/message.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "net/task.hpp"

namespace axonhub::net {

class question;
class question_board;

/// Where answers arrive, on any thread; it outlives its board.
class answer_port : public std::enable_shared_from_this<answer_port> {
public:
  explicit answer_port(question_board& board) : board_(&board) {}

  void take(std::uint64_t id, caf::message reply);

  /// Answers are dropped from now on.
  void close();

  /// While it exists, answers that arrive on this thread reach the board without a lock.
  class direct_scope {
  public:
    explicit direct_scope(const answer_port& port) : outer_(std::exchange(direct_, &port)) {}
    ~direct_scope() { direct_ = outer_; }
    direct_scope(const direct_scope&) = delete;
    direct_scope& operator=(const direct_scope&) = delete;

  private:
    const answer_port* outer_;
  };

private:
  void hand_over();

  static thread_local const answer_port* direct_;

  std::mutex mutex_;
  question_board* board_; // nullptr once its context is gone
  std::vector<std::pair<std::uint64_t, caf::message>> answers_;
};

/// The open questions of one io_context. The sender of them all is one actor, and the request's
/// number finds the question, so that a question costs no actor of its own. One coarse timer,
/// armed only while a coroutine waits, looks after the deadlines. Used on the context's thread.
class question_board final : public asio::execution_context::service {
public:
  using key_type = question_board;
  static inline asio::execution_context::id id;

  explicit question_board(asio::io_context& context);

  asio::io_context& context() { return context_; }
  const answer_port& port() const { return *port_; }

  /// Who receives the answers of the actors of `system`.
  const caf::strong_actor_ptr& responder(caf::actor_system& system);

  /// A number for a question; never 0, never used again.
  std::uint64_t open(question& asked);

  /// The coroutine waits for it until `deadline`.
  void expect(std::uint64_t number, steady_time deadline);

  /// The answer of that number has no taker any more.
  void close(std::uint64_t number);

  void answer(std::uint64_t number, caf::message reply);

private:
  struct place {
    question* asked = nullptr;
    std::uint64_t uses = 1;
    steady_time deadline = steady_time::max(); // max: not waited for
  };

  // Destroys the coroutines that wait.
  void shutdown() noexcept override;

  place* find(std::uint64_t number);
  question* release(place& at);
  void arm();
  void sweep(steady_time now);

  asio::io_context& context_;
  asio::steady_timer timer_;
  bool armed_ = false;
  std::size_t waiting_ = 0;
  std::vector<place> places_;
  std::vector<std::uint32_t> free_;
  std::shared_ptr<answer_port> port_;
  caf::strong_actor_ptr responder_;
};

} // namespace axonhub::net
