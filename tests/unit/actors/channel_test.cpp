#include "actors/channel.hpp"

#include <gtest/gtest.h>

#include <caf/event_based_actor.hpp>

#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;
using policy::failure_kind;
using policy::reason;

channel_settings_ptr settings_with(const std::vector<std::string>& credentials) {
  auto settings = std::make_shared<channel_settings>();
  settings->channel.id = {"ch"};
  for (const auto& id : credentials)
    settings->credentials.emplace_back().id = {id};
  return settings;
}

class channel_test : public tests::floor_fixture {
protected:
  policy::acquire_answer acquire(bool last_resort = false) {
    return ask<policy::acquire_answer>(
        channel, atom::acquire_v,
        policy::acquire_request{
            .request = {"r"}, .upstream_model = "m", .last_resort = last_resort});
  }

  void release(const policy::lease& used, std::optional<failure_kind> failed = {}) {
    auto outcome = policy::attempt_outcome{.used = used, .failed = {}};
    if (failed)
      outcome.failed = policy::attempt_failure{.kind = *failed};
    tell(channel, atom::release_v, outcome);
  }

  channel_actor channel =
      spawn(axonhub::actors::channel, channel_config{settings_with({"k1"}), clock()});
};

TEST_F(channel_test, rests_after_a_failure_and_recovers_with_time) {
  release(*acquire().granted, failure_kind::overloaded);
  const auto refused = acquire().refused;
  EXPECT_EQ(refused.why, reason::cooling);
  EXPECT_TRUE(refused.by_health);
  EXPECT_EQ(acquire(true).granted->why, reason::last_resort);
  advance(refused.wait);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(channel_test, works_with_the_settings_it_adopts) {
  tell(channel, atom::adopt_v, settings_with({}));
  EXPECT_EQ(acquire().refused.why, reason::no_credential);
  tell(channel, atom::adopt_v, settings_with({"k2"}));
  EXPECT_EQ(acquire().granted->credential, credential_id{"k2"});
}

TEST_F(channel_test, takes_a_benched_credential_back_when_told) {
  release(*acquire().granted, failure_kind::unauthorized);
  EXPECT_EQ(acquire().refused.why, reason::credential_invalid);
  EXPECT_EQ(ask<policy::health_view>(channel, atom::describe_v).state,
            policy::health_state::invalid);
  advance(1s);
  ask<void>(channel, atom::restore_v, credential_id{"k1"});
  EXPECT_TRUE(acquire().granted);
}

TEST_F(channel_test, ends_when_the_last_lease_has_come_back) {
  const auto first = *acquire().granted;
  const auto second = *acquire().granted;
  tell(channel, atom::drain_v);
  EXPECT_EQ(acquire().refused.why, reason::stopping);
  release(first);
  EXPECT_EQ(ask<policy::health_view>(channel, atom::describe_v).in_flight, 1u);
  release(second);
  EXPECT_EQ(try_ask<policy::health_view>(channel, atom::describe_v).error(), errc::actor_gone);
}

TEST_F(channel_test, ends_at_once_when_nothing_is_out) {
  tell(channel, atom::drain_v);
  EXPECT_EQ(try_ask<policy::health_view>(channel, atom::describe_v).error(), errc::actor_gone);
}

TEST_F(channel_test, takes_everybody_back_when_the_probe_begins_to_answer) {
  for (auto i = 0; i < 5; ++i)
    release(*acquire(true).granted, failure_kind::reset);
  advance(acquire().refused.wait);
  const auto probe = *acquire().granted;
  ASSERT_TRUE(probe.awaited);
  EXPECT_FALSE(acquire().granted);
  tell(channel, atom::alive_v, probe);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(channel_test, forgets_its_failures_when_it_is_repaired) {
  const auto fail = [&] { release(*acquire(true).granted, failure_kind::overloaded); };
  fail();
  auto settings = std::make_shared<channel_settings>(*settings_with({"k1"}));
  settings->channel.weight = 7;
  tell(channel, atom::adopt_v, channel_settings_ptr{settings});
  EXPECT_FALSE(acquire().granted) << "its weight has nothing to do with it";
  settings = std::make_shared<channel_settings>(*settings);
  settings->channel.base_url = "https://repaired.example";
  tell(channel, atom::adopt_v, channel_settings_ptr{settings});
  ASSERT_TRUE(acquire().granted);
  advance(1ms);
  fail();
  ask<void>(channel, atom::restore_v);
  EXPECT_TRUE(acquire().granted) << "the operator says so";
}

TEST_F(channel_test, ends_although_a_lease_never_comes_back) {
  acquire();
  tell(channel, atom::drain_v);
  advance(59min);
  EXPECT_TRUE(try_ask<policy::health_view>(channel, atom::describe_v));
  advance(1min);
  EXPECT_EQ(try_ask<policy::health_view>(channel, atom::describe_v).error(), errc::actor_gone);
}

TEST_F(channel_test, outlives_its_end_for_a_lease_that_is_renewed) {
  const auto used = *acquire().granted;
  tell(channel, atom::drain_v);
  for (auto i = 0; i < 20; ++i) {
    advance(15min);
    tell(channel, atom::renew_v, used);
  }
  EXPECT_EQ(ask<policy::health_view>(channel, atom::describe_v).in_flight, 1u);
  release(used);
  EXPECT_EQ(try_ask<policy::health_view>(channel, atom::describe_v).error(), errc::actor_gone);
}

class limited_channel_test : public channel_test {
protected:
  limited_channel_test() {
    auto settings = std::make_shared<channel_settings>();
    settings->channel.id = {"ch"};
    settings->credentials.emplace_back().id = {"k1"};
    settings->channel.limits.rate.max_concurrent = 1;
    settings->channel.limits.queue_size = 3;
    tell(channel, atom::adopt_v, channel_settings_ptr{std::move(settings)});
  }

  auto wait_for_a_place(const char* key) {
    return start_ask<policy::acquire_answer>(
        channel, atom::acquire_v,
        policy::acquire_request{
            .request = {"r"}, .upstream_model = "m", .may_wait = true, .key = {key}});
  }
};

TEST_F(limited_channel_test, refuses_what_is_too_much_and_may_not_wait) {
  const auto first = acquire();
  ASSERT_TRUE(first.granted);
  EXPECT_EQ(acquire().refused.why, reason::full);
  EXPECT_FALSE(acquire().refused.by_health) << "a limit is never overruled";
  release(*first.granted);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(limited_channel_test, serves_its_queue_key_by_key) {
  const auto first = *acquire().granted;
  const auto a1 = wait_for_a_place("a"), a2 = wait_for_a_place("a"), b1 = wait_for_a_place("b");
  EXPECT_FALSE(a1.answered());
  EXPECT_EQ(ask<policy::health_view>(channel, atom::describe_v).queued, 3u);
  const auto fourth = wait_for_a_place("a");
  ASSERT_TRUE(fourth.answered()) << "the queue is full";
  EXPECT_EQ(fourth.get()->refused.why, reason::full);
  release(first);
  ASSERT_TRUE(a1.answered() && !a2.answered() && !b1.answered());
  release(*a1.get()->granted);
  ASSERT_TRUE(b1.answered() && !a2.answered());
  release(*b1.get()->granted);
  ASSERT_TRUE(a2.answered());
  EXPECT_TRUE(a2.get()->granted);
}

TEST_F(limited_channel_test, lets_no_key_fill_the_queue_for_the_others) {
  const auto first = *acquire().granted;
  const auto a1 = wait_for_a_place("a"), a2 = wait_for_a_place("a"), a3 = wait_for_a_place("a");
  const auto b1 = wait_for_a_place("b");
  ASSERT_TRUE(a3.answered() && !b1.answered()) << "the last of the key with the most gives way";
  EXPECT_EQ(a3.get()->refused.why, reason::full);
  const auto b2 = wait_for_a_place("b");
  ASSERT_TRUE(b2.answered() && !a2.answered()) << "each has its share by now";
  release(first);
  ASSERT_TRUE(a1.answered());
  release(*a1.get()->granted);
  ASSERT_TRUE(b1.answered() && !a2.answered());
  EXPECT_TRUE(b1.get()->granted);
}

TEST_F(limited_channel_test, lets_nobody_wait_too_long) {
  const auto first = *acquire().granted;
  const auto waiting = wait_for_a_place("a");
  advance(1999ms);
  EXPECT_FALSE(waiting.answered());
  advance(2ms);
  ASSERT_TRUE(waiting.answered());
  EXPECT_EQ(waiting.get()->refused.why, reason::full);
  release(first);
  EXPECT_TRUE(acquire().granted) << "the place was not given to one who had left";
}

TEST_F(limited_channel_test, forgets_who_waits_when_its_client_has_left) {
  const auto first = *acquire().granted;
  const auto waiting = wait_for_a_place("a");
  tell(channel, atom::abandon_v, request_id{"another"});
  EXPECT_FALSE(waiting.answered());
  tell(channel, atom::abandon_v, request_id{"r"});
  ASSERT_TRUE(waiting.answered());
  EXPECT_FALSE(waiting.get()->granted);
  EXPECT_EQ(ask<policy::health_view>(channel, atom::describe_v).queued, 0u);
  release(first);
}

TEST_F(limited_channel_test, sends_its_queue_away_when_it_drains) {
  const auto first = *acquire().granted;
  const auto waiting = wait_for_a_place("a");
  tell(channel, atom::drain_v);
  ASSERT_TRUE(waiting.answered());
  EXPECT_EQ(waiting.get()->refused.why, reason::stopping);
  release(first);
}

TEST_F(limited_channel_test, lets_nobody_overtake_its_queue) {
  const auto first = *acquire().granted;
  const auto waiting = wait_for_a_place("a");
  EXPECT_EQ(acquire().refused.why, reason::full);
  release(first);
  ASSERT_TRUE(waiting.answered());
  EXPECT_TRUE(waiting.get()->granted);
  EXPECT_EQ(acquire().refused.why, reason::full);
}

TEST_F(limited_channel_test, wakes_its_queue_when_the_minute_has_room) {
  auto settings = std::make_shared<channel_settings>();
  settings->channel.id = {"ch"};
  settings->credentials.emplace_back().id = {"k1"};
  settings->channel.limits.rate.rpm = 1;
  tell(channel, atom::adopt_v, channel_settings_ptr{std::move(settings)});
  release(*acquire().granted);
  const auto hopeless = wait_for_a_place("a");
  ASSERT_TRUE(hopeless.answered()) << "a minute is longer than the queue's timeout";
  EXPECT_EQ(hopeless.get()->refused.why, reason::rate_limit);
  advance(59s);
  const auto waiting = wait_for_a_place("a"), behind = wait_for_a_place("b");
  EXPECT_FALSE(waiting.answered());
  advance(1s);
  ASSERT_TRUE(waiting.answered());
  EXPECT_TRUE(waiting.get()->granted);
  EXPECT_FALSE(behind.answered());
  advance(1s);
  ASSERT_TRUE(behind.answered()) << "its own patience ends, not the minute";
  EXPECT_FALSE(behind.get()->granted);
}

TEST_F(limited_channel_test, gives_no_place_to_one_who_has_ended) {
  const auto first = *acquire().granted;
  const auto asker =
      spawn([](caf::event_based_actor*, int) { return caf::behavior{[](int) {}}; }, 0);
  caf::actor_cast<caf::strong_actor_ptr>(channel)->enqueue(
      caf::make_mailbox_element(
          caf::actor_cast<caf::strong_actor_ptr>(asker), caf::make_message_id(1), {},
          atom::acquire_v,
          policy::acquire_request{.request = {"r"}, .upstream_model = "m", .may_wait = true}),
      nullptr);
  run();
  ASSERT_EQ(ask<policy::health_view>(channel, atom::describe_v).queued, 1u);
  kill(asker);
  release(first);
  EXPECT_EQ(ask<policy::health_view>(channel, atom::describe_v).in_flight, 0u);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(limited_channel_test, counts_no_request_that_was_never_sent) {
  auto settings = std::make_shared<channel_settings>();
  settings->channel.id = {"ch"};
  settings->credentials.emplace_back().id = {"k1"};
  settings->channel.limits.rate.rpm = 1;
  tell(channel, atom::adopt_v, channel_settings_ptr{std::move(settings)});
  tell(channel, atom::release_v,
       policy::attempt_outcome{.used = *acquire().granted, .neutral = true, .unused = true});
  const auto second = acquire();
  ASSERT_TRUE(second.granted);
  release(*second.granted);
  EXPECT_EQ(acquire().refused.why, reason::rate_limit);
}

} // namespace
} // namespace axonhub::actors
