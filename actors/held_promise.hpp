#pragma once

#include <caf/error.hpp>
#include <caf/response_promise.hpp>
#include <caf/typed_response_promise.hpp>
#include <caf/unit.hpp>
#include <type_traits>
#include <utility>

#include "actors/errors.hpp"

namespace axonhub::actors {

/// The answer that an actor owes and gives later. CAF does not tell the asker when an actor ends
/// with promises unkept; this one answers actor_gone when it is destroyed. Keep it in the actor's
/// state, which ends with the actor (a class-based actor clears its own in on_exit()), or in the
/// handler that waits for someone else.
template <class T>
class held_promise {
public:
  /// What the handler returns.
  using given = caf::typed_response_promise<T>;

  held_promise() = default;
  explicit held_promise(given promise) : promise_(std::move(promise)), owed_(true) {}
  held_promise(held_promise&& other) noexcept
      : promise_(std::move(other.promise_)), owed_(std::exchange(other.owed_, false)) {}
  held_promise& operator=(held_promise&& other) noexcept {
    std::swap(promise_, other.promise_);
    std::swap(owed_, other.owed_);
    return *this;
  }
  ~held_promise() { fail(errc::actor_gone); }

  const given& promise() const { return promise_; }
  bool owed() const { return owed_; }

  /// Answers; the first call counts.
  template <class... Ts>
  void deliver(Ts&&... reply) {
    if (!std::exchange(owed_, false))
      return;
    auto& plain = static_cast<caf::response_promise&>(promise_);
    if constexpr (sizeof...(Ts) == 0)
      plain.deliver(caf::unit);
    else
      plain.deliver(T{std::forward<Ts>(reply)...});
  }

  /// Answers with an error; the first answer counts.
  void fail(error_code why) {
    if (std::exchange(owed_, false))
      promise_.deliver(to_caf(why));
  }

private:
  given promise_;
  bool owed_ = false;
};

} // namespace axonhub::actors
