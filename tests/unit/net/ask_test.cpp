#include "net/ask.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <future>
#include <stdexcept>
#include <vector>

#include "actors/held_promise.hpp"

namespace axonhub::net {
namespace {

using namespace std::chrono_literals;

constexpr auto enough = milliseconds{10'000}; // only a failure takes this long

using teller_actor = caf::typed_actor<
    // Answers the number and how often it was asked.
    caf::replies_to<int>::with<int>,
    // Answers nothing but that it heard.
    caf::replies_to<caf::put_atom>::with<void>,
    // Refuses.
    caf::replies_to<caf::get_atom>::with<int>,
    // Answers at the next release, if ever.
    caf::replies_to<caf::subscribe_atom>::with<int>, caf::reacts_to<caf::publish_atom>,
    // Throws.
    caf::replies_to<caf::delete_atom>::with<int>>;

class teller : public teller_actor::base {
public:
  explicit teller(caf::actor_config& config) : teller_actor::base(config) {}

  behavior_type make_behavior() override {
    return {
        [this](int number) {
          ++asked_;
          return number + asked_;
        },
        [](caf::put_atom) {},
        [](caf::get_atom) -> caf::result<int> { return errc::not_found; },
        [this](caf::subscribe_atom) {
          return waiting_.emplace_back(make_response_promise<int>()).promise();
        },
        [this](caf::publish_atom) {
          for (auto& promise : waiting_)
            promise.deliver(-1);
          waiting_.clear();
        },
        [](caf::delete_atom) -> int { throw std::runtime_error{"teller"}; },
    };
  }

  void on_exit() override { waiting_.clear(); }

private:
  int asked_ = 0;
  std::vector<actors::held_promise<int>> waiting_;
};

/// Passes every question on to a teller.
using envoy_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;

class envoy : public envoy_actor::base {
public:
  envoy(caf::actor_config& config, teller_actor teller)
      : envoy_actor::base(config), teller_(std::move(teller)) {}

  behavior_type make_behavior() override {
    return {[this](int number) {
      auto owed = actors::held_promise<int>{make_response_promise<int>()};
      const auto promise = owed.promise();
      request(teller_, caf::infinite, number).then([owed = std::move(owed)](int answer) mutable {
        owed.deliver(answer);
      });
      return promise;
    }};
  }

private:
  teller_actor teller_;
};

class ask_test : public ::testing::Test {
protected:
  ask_test() {
    actors::run_actors_on(config_, pool_);
    system_.emplace(config_);
    teller_ = system_->spawn<teller>();
    pool_.start();
  }

  ~ask_test() override { end_system(); }

  void end_system() {
    if (!system_)
      return;
    caf::anon_send_exit(teller_, caf::exit_reason::user_shutdown);
    system_.reset();
  }

  /// Starts a coroutine on an I/O thread.
  template <class Coroutine>
  auto start(std::size_t thread, Coroutine coroutine) {
    return asio::co_spawn(pool_.context(thread), std::move(coroutine), asio::use_future);
  }

  /// One question, from thread 0.
  template <class Reply, class... Ts>
  result<Reply> asked(milliseconds deadline, Ts... message) {
    return start(0,
                 [=, this]() -> task<result<Reply>> {
                   co_return co_await ask<Reply>(teller_, deadline, message...);
                 })
        .get();
  }

  /// Waits until `thread` has done what it had to do by now.
  void settle(std::size_t thread) {
    auto done = std::promise<void>{};
    asio::post(pool_.context(thread), [&] { done.set_value(); });
    done.get_future().wait();
  }

  actors::io_pool pool_{2};
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  teller_actor teller_;
};

TEST_F(ask_test, brings_the_reply) {
  EXPECT_EQ(asked<int>(enough, 41).value(), 42);
  EXPECT_EQ(asked<int>(enough, 41).value(), 43);
}

TEST_F(ask_test, brings_a_reply_without_values) {
  EXPECT_TRUE(asked<void>(enough, caf::put_atom::value).has_value());
}

TEST_F(ask_test, brings_the_error_that_the_actor_answered) {
  EXPECT_EQ(asked<int>(enough, caf::get_atom::value).error(), errc::not_found);
}

TEST_F(ask_test, does_not_suspend_for_an_idle_actor) {
  settle(0);
  settle(1);
  const auto passed_by =
      start(0, [this]() -> task<bool> {
        auto other_work_ran = false;
        asio::post(co_await asio::this_coro::executor, [&] { other_work_ran = true; });
        auto reply = co_await ask<int>(teller_, enough, 1);
        const auto suspended = other_work_ran;
        co_await asio::post(as_task);
        co_return reply.has_value() && !suspended && other_work_ran;
      }).get();
  EXPECT_TRUE(passed_by);
}

TEST_F(ask_test, reaches_an_actor_through_another) {
  const auto envoy = system_->spawn<net::envoy>(teller_);
  auto reply =
      start(1, [=]() -> task<result<int>> { co_return co_await ask<int>(envoy, enough, 6); }).get();
  EXPECT_EQ(reply.value(), 7);
  caf::anon_send_exit(envoy, caf::exit_reason::user_shutdown);
}

TEST_F(ask_test, gives_each_of_many_coroutines_on_several_threads_its_own_reply) {
  constexpr auto coroutines = 20;
  constexpr auto questions = 200;
  auto envoys = std::vector<envoy_actor>{};
  for (auto i = 0; i < 4; ++i)
    envoys.push_back(system_->spawn<envoy>(system_->spawn<teller>()));
  auto running = std::vector<std::future<int>>{};
  for (auto i = 0; i < coroutines; ++i)
    running.push_back(start(i % 2, [&envoys, i]() -> task<int> {
      auto wrong = 0;
      for (auto k = 0; k < questions; ++k) {
        // The numbers of two coroutines lie further apart than all questions together.
        const auto number = (i + 1) * 1'000'000;
        const auto reply = co_await ask<int>(envoys[k % envoys.size()], enough, number);
        wrong += !reply || *reply <= number || *reply > number + coroutines * questions;
        if (k % 16 == 0)
          co_await asio::post(as_task);
      }
      co_return wrong;
    }));
  for (auto& one : running)
    EXPECT_EQ(one.get(), 0);
  for (const auto& e : envoys)
    caf::anon_send_exit(e, caf::exit_reason::user_shutdown);
}

TEST_F(ask_test, says_that_the_actor_died_of_the_question) {
  EXPECT_EQ(asked<int>(enough, caf::delete_atom::value).error(), errc::actor_gone);
  EXPECT_EQ(asked<int>(enough, 1).error(), errc::actor_gone);
}

TEST_F(ask_test, says_that_the_actor_had_ended_before) {
  caf::anon_send_exit(teller_, caf::exit_reason::user_shutdown);
  system_->await_all_actors_done();
  EXPECT_EQ(asked<int>(enough, 1).error(), errc::actor_gone);
}

TEST_F(ask_test, says_that_there_is_no_actor) {
  teller_ = nullptr;
  EXPECT_EQ(asked<int>(enough, 1).error(), errc::actor_gone);
  teller_ = system_->spawn<teller>();
}

TEST_F(ask_test, says_that_the_actor_was_killed_while_it_held_the_promise) {
  auto reply = start(0, [this]() -> task<result<int>> {
    co_return co_await ask<int>(teller_, enough, caf::subscribe_atom::value);
  });
  settle(0);
  caf::anon_send_exit(teller_, caf::exit_reason::kill);
  EXPECT_EQ(reply.get().error(), errc::actor_gone);
}

TEST_F(ask_test, stops_waiting_at_the_deadline) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(asked<int>(20ms, caf::subscribe_atom::value).error(), errc::ask_timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST_F(ask_test, drops_an_answer_after_the_deadline) {
  EXPECT_EQ(asked<int>(1ms, caf::subscribe_atom::value).error(), errc::ask_timeout);
  auto waiting = start(0, [this]() -> task<result<int>> {
    co_return co_await ask<int>(teller_, 100ms, caf::get_atom::value);
  });
  EXPECT_EQ(waiting.get().error(), errc::not_found);
  // The next question takes the place that the dropped one had; the old answer is not for it.
  const auto other = system_->spawn<teller>();
  auto next = start(0, [=]() -> task<result<int>> {
    co_return co_await ask<int>(other, enough, caf::subscribe_atom::value);
  });
  settle(0);
  tell(teller_, caf::publish_atom::value); // answers -1 to the first
  settle(0);
  settle(1);
  caf::anon_send_exit(other, caf::exit_reason::kill);
  EXPECT_EQ(next.get().error(), errc::actor_gone);
}

TEST_F(ask_test, brings_an_answer_that_comes_later) {
  for (const auto thread : {0, 1}) {
    auto reply = start(0, [this]() -> task<result<int>> {
      co_return co_await ask<int>(teller_, enough, caf::subscribe_atom::value);
    });
    settle(0);
    asio::post(pool_.context(thread), [this] { tell(teller_, caf::publish_atom::value); });
    EXPECT_EQ(reply.get().value(), -1);
  }
}

TEST_F(ask_test, reaches_a_detached_actor) {
  const auto detached = system_->spawn<teller, caf::detached>();
  auto reply = start(0, [=]() -> task<result<int>> {
                 co_return co_await ask<int>(detached, enough, 1);
               }).get();
  EXPECT_EQ(reply.value(), 2);
  caf::anon_send_exit(detached, caf::exit_reason::user_shutdown);
}

TEST_F(ask_test, ends_when_the_coroutine_is_cancelled) {
  auto stop = asio::cancellation_signal{};
  auto ended = std::promise<result<int>>{};
  asio::co_spawn(
      pool_.context(0),
      [this]() -> task<result<int>> {
        co_return co_await ask<int>(teller_, enough, caf::subscribe_atom::value);
      },
      asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr, result<int> reply) {
        ended.set_value(std::move(reply));
      }));
  settle(0);
  asio::post(pool_.context(0), [&] { stop.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(ended.get_future().get().error(), errc::cancelled);
  tell(teller_, caf::publish_atom::value); // answers, too late
  EXPECT_EQ(asked<int>(enough, 1).value(), 2);
}

TEST_F(ask_test, works_from_a_context_outside_of_the_pool) {
  auto context = asio::io_context{1};
  auto reply = asio::co_spawn(
      context, [this]() -> task<result<int>> { co_return co_await ask<int>(teller_, enough, 1); },
      asio::use_future);
  context.run();
  EXPECT_EQ(reply.get().value(), 2);
}

TEST_F(ask_test, goes_with_a_context_that_ends_before_the_answer) {
  auto token = std::make_shared<int>();
  const auto frame = std::weak_ptr{token};
  {
    auto context = asio::io_context{1};
    for (auto i = 0; i < 3; ++i)
      asio::co_spawn(
          context,
          [this, token]() -> task<void> {
            co_await ask<int>(teller_, enough, caf::subscribe_atom::value);
          },
          asio::detached);
    token.reset();
    context.poll();
    EXPECT_FALSE(frame.expired());
  }
  EXPECT_TRUE(frame.expired());
  tell(teller_, caf::publish_atom::value); // to nobody
  EXPECT_EQ(asked<int>(enough, 1).value(), 2);
}

TEST_F(ask_test, ends_its_coroutines_with_the_actors_at_shutdown) {
  auto running = std::vector<std::future<result<int>>>{};
  for (auto i = 0; i < 10; ++i)
    running.push_back(start(i % 2, [this]() -> task<result<int>> {
      co_return co_await ask<int>(teller_, enough, caf::subscribe_atom::value);
    }));
  settle(0);
  settle(1);
  end_system();
  for (auto& one : running)
    EXPECT_EQ(one.get().error(), errc::actor_gone);
  pool_.stop();
}

TEST_F(ask_test, fails_at_once_after_the_actor_system) {
  end_system();
  EXPECT_EQ(asked<int>(enough, 1).error(), errc::actor_gone);
}

TEST_F(ask_test, tells_in_order_and_without_waiting) {
  tell(teller_, 1); // from outside
  const auto reply = start(0, [this]() -> task<result<int>> {
                       tell(teller_, 1);
                       co_return co_await ask<int>(teller_, enough, 0);
                     }).get();
  EXPECT_EQ(reply.value(), 3);
}

} // namespace
} // namespace axonhub::net
