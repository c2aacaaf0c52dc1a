#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/unit.hpp>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "actors/errors.hpp"
#include "base/time.hpp"
#include "net/task.hpp"

namespace axonhub::net {

class question_board;

/// One request of a coroutine to an actor, in the coroutine's frame. Used on one thread; the
/// context's question_board takes the answer from whichever thread it comes.
class question {
public:
  using continuation = asio::async_result<asio::use_awaitable_t<io_executor>, void()>::handler_type;

  explicit question(asio::io_context& context);
  question(const question&) = delete;
  question& operator=(const question&) = delete;

  /// An answer that comes later finds nobody.
  ~question();

  /// Sends the request; true if it has its answer when this returns. Once.
  bool send(const caf::strong_actor_ptr& target, caf::mailbox_element_ptr message);

  /// Keeps the coroutine until answer, deadline or cancellation, whichever is first, posts it.
  void wait(milliseconds deadline, continuation resume);

  /// What came of it.
  template <class Reply>
  result<Reply> take();

private:
  friend class question_board;

  void finish(errc why);
  void finish(caf::message reply);
  void resume();
  void cancel();
  void abandon();

  question_board& board_;
  std::uint64_t number_ = 0;
  bool open_ = false; // waits for its answer, with a place on the board
  error_code failure_;
  caf::message reply_;
  std::optional<continuation> resume_;
};

template <class Reply>
result<Reply> question::take() {
  if (failure_.failed())
    return {boost::system::in_place_error, failure_};
  if (reply_.match_elements<caf::error>())
    return {boost::system::in_place_error, actors::to_error_code(reply_.get_as<caf::error>(0))};
  if constexpr (std::is_void_v<Reply>) {
    if (reply_.empty() || reply_.match_elements<caf::unit_t>())
      return {};
  } else if (reply_.match_elements<Reply>()) {
    return std::move(reply_.get_mutable_as<Reply>(0));
  }
  return {boost::system::in_place_error,
          errc::unknown_failure}; // only a dynamically typed actor can answer with another type
}

} // namespace axonhub::net
