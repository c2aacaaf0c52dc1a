#pragma once

#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/response_type.hpp>
#include <caf/typed_actor.hpp>
#include <type_traits>
#include <utility>

#include "actors/scheduler.hpp"
#include "base/time.hpp"
#include "net/question.hpp"
#include "net/task.hpp"

namespace axonhub::net {

namespace detail {

template <class Handle, class... Ts>
using answer_of =
    caf::response_type<typename Handle::signatures,
                       typename caf::detail::implicit_conversions<std::decay_t<Ts>>::type...>;

template <class Reply, class Outputs>
constexpr auto is_answer = false;
template <class Reply>
constexpr auto is_answer<Reply, caf::message> = true; // a dynamically typed actor
template <class Reply>
constexpr auto is_answer<Reply, caf::detail::type_list<Reply>> = true;
template <>
inline constexpr auto is_answer<void, caf::detail::type_list<void>> = true;

template <class Reply>
task<result<Reply>> answer(caf::strong_actor_ptr target, milliseconds deadline,
                           caf::mailbox_element_ptr message) {
  const auto executor = co_await asio::this_coro::executor;
  auto asked = question{asio::query(executor, asio::execution::context)};
  if (!asked.send(target, std::move(message)))
    co_await asio::async_initiate<const asio::use_awaitable_t<io_executor>&, void()>(
        [&asked, deadline](question::continuation resume) {
          asked.wait(deadline, std::move(resume));
        },
        as_task);
  co_return asked.template take<Reply>();
}

} // namespace detail

/// Asks an actor; the coroutine goes on, on its own thread, with the reply or an error:
/// actor_gone when the target has ended, ends, or dies of the question; ask_timeout when there is
/// no reply by the deadline (noticed up to 50 ms late; a reply after that is dropped); cancelled;
/// or the error that the actor answered. On an I/O thread an idle target answers on the spot, and
/// the coroutine does not even suspend.
template <class Reply, class Handle, class... Ts>
task<result<Reply>> ask(const Handle& target, milliseconds deadline, Ts&&... message) {
  static_assert(detail::answer_of<Handle, Ts...>::valid, "the actor does not know this message");
  static_assert(detail::is_answer<Reply, typename detail::answer_of<Handle, Ts...>::type>,
                "the actor answers this message with another type");
  return detail::answer<Reply>(
      caf::actor_cast<caf::strong_actor_ptr>(target), deadline,
      caf::make_mailbox_element(nullptr, {}, {}, std::forward<Ts>(message)...));
}

/// Tells an actor something and waits for nothing, from any thread; from an I/O thread the target,
/// if idle, runs there.
template <class Handle, class... Ts>
void tell(const Handle& target, Ts&&... message) {
  static_assert(detail::answer_of<Handle, Ts...>::valid, "the actor does not know this message");
  actors::deliver(
      caf::actor_cast<caf::strong_actor_ptr>(target),
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<Ts>(message)...));
}

} // namespace axonhub::net
