#include "actors/key_budget.hpp"

#include <gtest/gtest.h>

#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;
using policy::budget_unit;
using policy::decimal;
using policy::key_request;
using policy::key_use;

key_settings_ptr settings_with(std::uint64_t requests, std::uint64_t tokens = 1'000'000) {
  auto settings = std::make_shared<key_settings>();
  settings->key = {"key_1"};
  settings->rules.budgets = {{.counter = "r",
                              .unit = budget_unit::requests,
                              .amount = decimal{requests},
                              .period = {},
                              .soft_at = {}},
                             {.counter = "t",
                              .unit = budget_unit::tokens,
                              .amount = decimal{tokens},
                              .period = {},
                              .soft_at = {}}};
  return settings;
}

class key_budget_test : public tests::floor_fixture {
protected:
  key_budget_actor start(key_settings_ptr settings, policy::key_counters restored = {}) {
    return spawn(key_budget, key_budget_config{.settings = std::move(settings),
                                               .restored = std::move(restored),
                                               .recorder = recorder,
                                               .now = clock()});
  }

  key_answer reserve(const key_budget_actor& actor, std::uint64_t number) {
    return ask<key_answer>(actor, atom::reserve_v, number, key_request{.prompt_tokens = 10});
  }

  void settle(const key_budget_actor& actor, std::uint64_t number, std::uint64_t tokens = 7) {
    tell(actor, atom::settle_v, number, key_use{.asked_upstream = true, .tokens = tokens});
  }

  policy::key_view view(const key_budget_actor& actor) {
    return ask<policy::key_view>(actor, atom::describe_v);
  }

  tests::fake_store store;
  recorder_actor recorder = spawn_recorder(store);
};

// None is settled before the last has asked.
TEST_F(key_budget_test, is_exact_for_requests_that_come_at_once) {
  const auto actor = start(settings_with(5));
  auto admitted = 0;
  for (auto number = std::uint64_t{1}; number <= 50; ++number)
    admitted += reserve(actor, number).refused ? 0 : 1;
  EXPECT_EQ(admitted, 5);
  for (auto number = std::uint64_t{1}; number <= 50; ++number)
    if (number <= 5)
      settle(actor, number);
    else
      tell(actor, atom::settle_v, number, key_use{});
  const auto left = view(actor);
  EXPECT_EQ(left.in_flight, 0u);
  EXPECT_EQ(left.budgets.at(0).spent, decimal{5});
  EXPECT_EQ(left.budgets.at(1).spent, decimal{35});
  EXPECT_EQ(left.budgets.at(1).reserved, decimal{});
}

TEST_F(key_budget_test, has_its_counts_stored_within_half_a_second) {
  const auto actor = start(settings_with(5));
  reserve(actor, 1);
  EXPECT_TRUE(store.counters.empty());
  settle(actor, 1, 42);
  advance(500ms);
  ASSERT_TRUE(store.counters.contains({"key_1"}));
  EXPECT_EQ(store.counters.at({"key_1"}).by_name.at("t").spent({}), decimal{42});
}

TEST_F(key_budget_test, has_said_all_when_it_ends) {
  const auto actor = start(settings_with(5));
  reserve(actor, 1);
  caf::anon_send(actor, atom::settle_v, std::uint64_t{1},
                 key_use{.asked_upstream = true, .tokens = 42});
  caf::anon_send(actor, atom::drain_v);
  run();
  tell(recorder, atom::drain_v);
  EXPECT_EQ(store.counters.at({"key_1"}).by_name.at("t").spent({}), decimal{42});
  EXPECT_EQ(try_ask<policy::key_view>(actor, atom::describe_v).error(), errc::actor_gone);
}

TEST_F(key_budget_test, goes_on_from_what_was_stored) {
  const auto first = start(settings_with(2));
  reserve(first, 1);
  settle(first, 1);
  advance(500ms);
  const auto second = start(settings_with(2), store.counters.at({"key_1"}));
  EXPECT_FALSE(reserve(second, 1).refused);
  EXPECT_TRUE(reserve(second, 2).refused);
}

TEST_F(key_budget_test, takes_new_settings_with_the_next_request) {
  const auto actor = start(settings_with(1));
  EXPECT_FALSE(reserve(actor, 1).refused);
  EXPECT_TRUE(reserve(actor, 2).refused);
  tell(actor, atom::adopt_v, settings_with(2));
  EXPECT_FALSE(reserve(actor, 3).refused);
  EXPECT_TRUE(reserve(actor, 4).refused);
}

TEST_F(key_budget_test, keeps_counts_over_a_failed_write) {
  const auto actor = start(settings_with(5));
  reserve(actor, 1);
  store.failing = errc::store_full;
  settle(actor, 1, 42);
  advance(500ms);
  EXPECT_TRUE(store.counters.empty());
  store.failing = {};
  advance(500ms);
  EXPECT_EQ(store.counters.at({"key_1"}).by_name.at("t").spent({}), decimal{42});
}

} // namespace
} // namespace axonhub::actors
