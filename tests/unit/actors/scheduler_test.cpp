#include "actors/scheduler.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <future>
#include <set>

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto soon = 10s; // only a failure takes this long

/// A system on a pool of its own.
struct house {
  explicit house(std::size_t threads) : pool(threads) {
    run_actors_on(config, pool);
    system.emplace(config);
  }

  /// Waits until every thread has done what it had to do by now.
  void settle() {
    for (auto i = std::size_t{0}; i < pool.size(); ++i) {
      auto done = std::promise<void>{};
      asio::post(pool.context(i), [&] { done.set_value(); });
      done.get_future().wait();
    }
  }

  io_pool pool;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
};

/// Says on which I/O thread it heard the question.
class witness : public caf::event_based_actor {
public:
  using event_based_actor::event_based_actor;

  caf::behavior make_behavior() override {
    return {[](caf::get_atom) { return static_cast<int>(io_pool::current().value_or(-1)); },
            [](std::shared_ptr<std::promise<int>> told) {
              told->set_value(static_cast<int>(io_pool::current().value_or(-1)));
            }};
  }
};

/// Says on which I/O thread it began, and ends.
class short_lived : public caf::event_based_actor {
public:
  short_lived(caf::actor_config& config, std::shared_ptr<std::promise<int>> told)
      : event_based_actor(config), told_(std::move(told)) {}

  caf::behavior make_behavior() override {
    told_->set_value(static_cast<int>(io_pool::current().value_or(-1)));
    return {};
  }

private:
  std::shared_ptr<std::promise<int>> told_;
};

/// Sends itself one message after the other until it is told to end.
class busy_body : public caf::event_based_actor {
public:
  using event_based_actor::event_based_actor;

  caf::behavior make_behavior() override {
    send(this, caf::tick_atom::value);
    return {[this](caf::tick_atom) { send(this, caf::tick_atom::value); }};
  }
};

/// Tells when its delays are over, by their numbers.
class sleeper : public caf::event_based_actor {
public:
  sleeper(caf::actor_config& config, std::shared_ptr<std::promise<std::vector<int>>> woken)
      : event_based_actor(config), woken_(std::move(woken)) {}

  caf::behavior make_behavior() override {
    delayed_send(this, 30ms, 3);
    delayed_send(this, 10ms, 1);
    delayed_send(this, 20ms, 2);
    return {[this](int number) {
      numbers_.push_back(number);
      if (numbers_.size() == 3) {
        woken_->set_value(numbers_);
        quit();
      }
    }};
  }

private:
  std::shared_ptr<std::promise<std::vector<int>>> woken_;
  std::vector<int> numbers_;
};

} // namespace
} // namespace axonhub::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<std::promise<int>>)

namespace axonhub::actors {
namespace {

TEST(io_pool, knows_its_threads) {
  auto pool = io_pool{2};
  EXPECT_EQ(io_pool::current(), std::nullopt);
  auto seen = std::promise<std::optional<std::size_t>>{};
  asio::post(pool.context(1), [&] { seen.set_value(io_pool::current()); });
  pool.start();
  EXPECT_EQ(seen.get_future().get(), 1u);
}

TEST(io_pool, survives_a_handler_that_throws) {
  auto pool = io_pool{1};
  auto alive = std::promise<void>{};
  asio::post(pool.context(0), [] { throw std::runtime_error{"handler"}; });
  asio::post(pool.context(0), [&] { alive.set_value(); });
  pool.start();
  EXPECT_EQ(alive.get_future().wait_for(soon), std::future_status::ready);
}

TEST(io_pool, destroys_what_never_ran) {
  auto token = std::make_shared<int>();
  const auto left = std::weak_ptr{token};
  {
    auto pool = io_pool{1};
    asio::post(pool.context(0), [token = std::move(token)] {});
    EXPECT_FALSE(left.expired());
  }
  EXPECT_TRUE(left.expired());
}

TEST(scheduler, runs_an_actor_on_the_thread_that_wakes_it) {
  auto home = house{3};
  home.pool.start();
  const auto actor = home.system->spawn<witness>();
  for (auto i = 0; i < 3; ++i) {
    home.settle(); // it rests
    auto told = std::make_shared<std::promise<int>>();
    asio::post(home.pool.context(i), [&] {
      deliver(caf::actor_cast<caf::strong_actor_ptr>(actor),
              caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, told));
    });
    EXPECT_EQ(told->get_future().get(), i);
  }
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  home.system.reset();
}

TEST(scheduler, runs_an_idle_actor_before_deliver_now_returns) {
  auto home = house{1};
  home.pool.start();
  const auto actor = home.system->spawn<witness>();
  home.settle();
  auto done = std::promise<bool>{};
  asio::post(home.pool.context(0), [&] {
    auto told = std::make_shared<std::promise<int>>();
    auto heard = told->get_future();
    deliver_now(caf::actor_cast<caf::strong_actor_ptr>(actor),
                caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, told));
    done.set_value(heard.wait_for(0s) == std::future_status::ready);
  });
  EXPECT_TRUE(done.get_future().get());
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  home.system.reset();
}

TEST(scheduler, spreads_what_comes_from_other_threads) {
  auto home = house{2};
  home.pool.start();
  auto seen = std::set<int>{};
  for (auto i = 0; i < 4; ++i) {
    auto told = std::make_shared<std::promise<int>>();
    home.system->spawn<short_lived>(told);
    seen.insert(told->get_future().get());
  }
  EXPECT_EQ(seen, (std::set{0, 1}));
  home.system.reset();
}

TEST(scheduler, lets_io_happen_beside_an_actor_that_never_rests) {
  auto home = house{1};
  home.pool.start();
  const auto actor = home.system->spawn<busy_body>();
  for (auto i = 0; i < 100; ++i) {
    auto ran = std::promise<void>{};
    asio::post(home.pool.context(0), [&] { ran.set_value(); });
    ASSERT_EQ(ran.get_future().wait_for(soon), std::future_status::ready);
  }
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  home.system.reset();
}

TEST(scheduler, delivers_delayed_messages_in_the_order_of_their_times) {
  auto home = house{2};
  home.pool.start();
  auto woken = std::make_shared<std::promise<std::vector<int>>>();
  const auto begin = std::chrono::steady_clock::now();
  home.system->spawn<sleeper>(woken);
  EXPECT_EQ(woken->get_future().get(), (std::vector{1, 2, 3}));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
  home.system.reset();
}

TEST(scheduler, ends_while_a_delayed_message_is_due_much_later) {
  auto home = house{1};
  home.pool.start();
  auto actor = home.system->spawn<witness>();
  caf::delayed_anon_send(actor, 1h, caf::get_atom::value);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  actor = nullptr;
  home.system.reset();
  home.pool.stop();
}

TEST(scheduler, ends_with_a_detached_actor) {
  auto home = house{1};
  home.pool.start();
  auto told = std::make_shared<std::promise<int>>();
  auto actor = home.system->spawn<witness, caf::detached>();
  caf::anon_send(actor, told);
  EXPECT_EQ(told->get_future().get(), -1);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  actor = nullptr; // its thread ends with the last handle
  home.system.reset();
}

TEST(scheduler, ends_without_waiting_when_told_so) {
  auto home = house{2};
  home.pool.start();
  const auto actor = home.system->spawn<busy_body>();
  home.system->await_actors_before_shutdown(false);
  home.system.reset();
}

TEST(scheduler, ends_on_a_pool_that_never_ran) {
  auto home = house{2};
  auto actor = home.system->spawn<witness>();
  caf::anon_send(actor, caf::get_atom::value);
  home.system->await_actors_before_shutdown(false);
  home.system.reset();
}

TEST(scheduler, serves_one_system_after_the_other) {
  auto pool = io_pool{2};
  pool.start();
  for (auto i = 0; i < 3; ++i) {
    auto config = caf::actor_system_config{};
    run_actors_on(config, pool);
    auto system = caf::actor_system{config};
    auto self = caf::scoped_actor{system};
    const auto actor = self->spawn<witness>();
    self->request(actor, soon, caf::get_atom::value)
        .receive([](int) {}, [](caf::error&) { FAIL(); });
    self->send_exit(actor, caf::exit_reason::user_shutdown);
  }
}

} // namespace
} // namespace axonhub::actors
