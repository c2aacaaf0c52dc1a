#pragma once

#include <gtest/gtest.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "actors/errors.hpp"

namespace axonhub::tests {

/// What an actor said to a question, as far as it did.
template <class Reply>
class pending_reply {
public:
  explicit pending_reply(std::shared_ptr<std::optional<caf::message>> said)
      : said_(std::move(said)) {}

  bool answered() const { return said_->has_value(); }

  /// ask_timeout while there is no answer.
  result<Reply> get() const {
    if (!answered())
      return {boost::system::in_place_error, errc::ask_timeout};
    const auto& reply = **said_;
    if (reply.match_elements<caf::error>())
      return {boost::system::in_place_error, actors::to_error_code(reply.get_as<caf::error>(0))};
    if constexpr (std::is_void_v<Reply>)
      return {};
    else if (reply.match_elements<Reply>())
      return reply.get_as<Reply>(0);
    throw std::logic_error{"the actor answered with another type: " + caf::to_string(reply)};
  }

private:
  std::shared_ptr<std::optional<caf::message>> said_;
};

/// Actors without threads: each call runs everything that it causes before it returns, in the same
/// order every time. Time stands still until advance().
class actor_fixture : public ::testing::Test {
protected:
  actor_fixture() : system_(config_.on_test_coordinator()) {
    system_.await_actors_before_shutdown(false);
  }

  // What the test spawned ends here, even where actors hold each other.
  ~actor_fixture() override {
    for (const auto& actor : spawned_)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    run();
  }

  caf::actor_system& system() { return system_; }
  caf::scheduler::test_coordinator& scheduler() {
    return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  /// What self->clock().now() says.
  std::chrono::steady_clock::time_point now() { return scheduler().clock().now(); }

  /// A function actor.
  template <class Function, class... Ts>
  auto spawn(Function function, Ts&&... arguments) {
    return started(system_.spawn(std::move(function), std::forward<Ts>(arguments)...));
  }

  /// A class-based actor.
  template <class Class, class... Ts>
  auto spawn_class(Ts&&... arguments) {
    return started(system_.spawn<Class>(std::forward<Ts>(arguments)...));
  }

  template <class Handle, class... Ts>
  void tell(const Handle& target, Ts&&... message) {
    caf::anon_send(target, std::forward<Ts>(message)...);
    run();
  }

  /// The reply; throws when there is none or an error.
  template <class Reply, class Handle, class... Ts>
  Reply ask(const Handle& target, Ts&&... message) {
    return start_ask<Reply>(target, std::forward<Ts>(message)...).get().value();
  }

  /// The reply or the error.
  template <class Reply, class Handle, class... Ts>
  result<Reply> try_ask(const Handle& target, Ts&&... message) {
    return start_ask<Reply>(target, std::forward<Ts>(message)...).get();
  }

  /// For a reply that comes later.
  template <class Reply, class Handle, class... Ts>
  pending_reply<Reply> start_ask(const Handle& target, Ts&&... message) {
    auto said = std::make_shared<std::optional<caf::message>>();
    auto config = caf::actor_config{};
    auto asker = caf::make_actor<listener, caf::strong_actor_ptr>(
        system_.next_actor_id(), system_.node(), &system_, config, said);
    caf::actor_cast<caf::strong_actor_ptr>(target)->enqueue(
        caf::make_mailbox_element(std::move(asker), caf::make_message_id(1), {},
                                  std::forward<Ts>(message)...),
        nullptr);
    run();
    return pending_reply<Reply>{std::move(said)};
  }

  /// Ends an actor, as a supervisor would see it.
  template <class Handle>
  void kill(const Handle& target) {
    caf::anon_send_exit(target, caf::exit_reason::kill);
    run();
  }

  /// Moves the simulated clock; delayed messages that come due arrive.
  void advance(std::chrono::nanoseconds by) {
    scheduler().advance_time(by);
    run();
  }

  void run() { scheduler().run(); }

private:
  struct config : caf::actor_system_config {
    config& on_test_coordinator() {
      set("scheduler.policy", caf::atom("testing"));
      actors::name_errors(*this);
      return *this;
    }
  };

  class listener final : public caf::monitorable_actor {
  public:
    listener(caf::actor_config& config, std::shared_ptr<std::optional<caf::message>> said)
        : monitorable_actor(config), said_(std::move(said)) {}

    void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
      *said_ = what->move_content_to_message();
    }

  private:
    std::shared_ptr<std::optional<caf::message>> said_;
  };

  template <class Handle>
  Handle started(Handle actor) {
    spawned_.push_back(caf::actor_cast<caf::actor>(actor));
    run();
    return actor;
  }

  config config_;
  caf::actor_system system_;
  std::vector<caf::actor> spawned_;
};

} // namespace axonhub::tests
