#include "actors/recorder.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;

store::write_batch setting(std::string name) {
  auto step = store::write_batch{};
  step.edits.push_back(policy::put_setting{.name = std::move(name), .json = "1"});
  return step;
}

store::stored_binding binding(std::string trace, std::string channel) {
  auto b = store::stored_binding{};
  b.trace = {std::move(trace)};
  b.bound.channel = {std::move(channel)};
  return b;
}

class recorder_test : public tests::floor_fixture {
protected:
  recorder_actor start() {
    auto config = recorder_on(store);
    config.committed = [this](const commit_report& report) { reports.push_back(report); };
    return spawn(axonhub::actors::recorder, config);
  }

  tests::fake_store store;
  std::vector<commit_report> reports;
};

TEST_F(recorder_test, answers_when_durable) {
  const auto recorder = start();
  ask<void>(recorder, atom::write_v, setting("a"));
  EXPECT_EQ(store.written.size(), 1u);
}

TEST_F(recorder_test, answers_also_when_it_dies_of_a_write) {
  auto config = recorder_config{};
  config.write = [](const store::write_batch&) -> result<void> { throw std::runtime_error{"bug"}; };
  const auto recorder = spawn(axonhub::actors::recorder, config);
  EXPECT_EQ(try_ask<void>(recorder, atom::write_v, setting("a")).error(), errc::actor_gone);
}

TEST_F(recorder_test, commits_what_waits_together_in_its_order) {
  const auto recorder = start();
  for (const auto* name : {"a", "b", "c"})
    caf::anon_send(recorder, atom::write_v, setting(name));
  run();
  ASSERT_EQ(store.written.size(), 1u);
  auto names = std::string{};
  for (const auto& edit : store.written[0].edits)
    names += std::get<policy::put_setting>(edit).name;
  EXPECT_EQ(names, "abc");
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].waiters, 3u);
}

TEST_F(recorder_test, tells_every_waiter_that_the_store_failed) {
  const auto recorder = start();
  store.failing = errc::store_full;
  EXPECT_EQ(try_ask<void>(recorder, atom::write_v, setting("a")).error(), errc::store_full);
  EXPECT_EQ(reports.at(0).failed, errc::store_full);
  store.failing = {};
  ask<void>(recorder, atom::write_v, setting("b"));
  ASSERT_EQ(store.written.size(), 1u);
  EXPECT_EQ(store.written[0].edits.size(), 1u); // the refused step is not retried
}

TEST_F(recorder_test, answers_an_empty_step_after_the_writes_before_it) {
  const auto recorder = start();
  caf::anon_send(recorder, atom::write_v, setting("a"));
  ask<void>(recorder, atom::write_v, store::write_batch{});
  EXPECT_EQ(store.written.size(), 1u);
}

TEST_F(recorder_test, writes_the_last_binding_of_a_trace_within_half_a_second) {
  const auto recorder = start();
  tell(recorder, atom::bind_v, binding("t", "a"));
  tell(recorder, atom::bind_v, binding("t", "b"));
  EXPECT_TRUE(store.written.empty());
  advance(400ms);
  ASSERT_EQ(store.written.size(), 1u);
  ASSERT_EQ(store.written[0].bindings.size(), 1u);
  EXPECT_EQ(store.written[0].bindings[0].bound.channel, channel_id{"b"});
}

TEST_F(recorder_test, writes_bindings_along_with_the_next_commit) {
  const auto recorder = start();
  tell(recorder, atom::bind_v, binding("t", "a"));
  ask<void>(recorder, atom::write_v, setting("x"));
  EXPECT_TRUE(store.bindings.contains({"t"}));
}

TEST_F(recorder_test, writes_many_bindings_in_several_commits) {
  const auto recorder = start();
  for (auto i = 0; i < 1000; ++i)
    tell(recorder, atom::bind_v, binding("t" + std::to_string(i), "a"));
  advance(400ms);
  EXPECT_EQ(store.bindings.size(), 1000u);
  for (const auto& report : reports)
    EXPECT_LE(report.bindings, 256u);
}

TEST_F(recorder_test, writes_first_what_somebody_waits_for) {
  const auto recorder = start();
  for (auto i = 0; i < 1000; ++i)
    caf::anon_send(recorder, atom::bind_v, binding("t" + std::to_string(i), "a"));
  auto clear = store::write_batch{};
  for (auto i = 0; i < 300; ++i)
    clear.cleared_bindings.push_back({"t" + std::to_string(i)});
  caf::anon_send(recorder, atom::write_v, clear);
  run();
  ASSERT_GT(store.written.size(), 1u);
  EXPECT_EQ(reports[0].waiters, 1u);
  EXPECT_EQ(store.written[0].cleared_bindings.size(), 300u);
  EXPECT_EQ(store.bindings.size(), 700u);
}

TEST_F(recorder_test, lets_the_last_word_on_a_binding_win) {
  const auto recorder = start();
  auto clear = store::write_batch{};
  clear.cleared_bindings.push_back({"t"});
  caf::anon_send(recorder, atom::bind_v, binding("t", "a"));
  caf::anon_send(recorder, atom::write_v, clear);
  run();
  EXPECT_FALSE(store.bindings.contains({"t"}));
  caf::anon_send(recorder, atom::write_v, clear);
  caf::anon_send(recorder, atom::bind_v, binding("t", "b"));
  run();
  EXPECT_TRUE(store.bindings.contains({"t"}));
}

TEST_F(recorder_test, tries_bindings_again_after_a_failure) {
  const auto recorder = start();
  store.failing = errc::store_failed;
  tell(recorder, atom::bind_v, binding("t", "a"));
  tell(recorder, atom::bind_v, binding("u", "a"));
  advance(400ms);
  tell(recorder, atom::bind_v, binding("t", "b"));
  store.failing = {};
  advance(400ms);
  EXPECT_EQ(store.bindings[{"t"}].bound.channel, channel_id{"b"});
  EXPECT_EQ(store.bindings[{"u"}].bound.channel, channel_id{"a"});
}

TEST_F(recorder_test, commits_what_it_has_before_it_ends) {
  const auto drained = start();
  caf::anon_send(drained, atom::bind_v, binding("t", "a"));
  caf::anon_send(drained, atom::drain_v);
  run();
  EXPECT_TRUE(store.bindings.contains({"t"}));
  const auto told = start();
  tell(told, atom::bind_v, binding("u", "a"));
  caf::anon_send_exit(told, caf::exit_reason::user_shutdown);
  run();
  EXPECT_TRUE(store.bindings.contains({"u"}));
}

TEST_F(recorder_test, commits_all_of_it_before_it_ends) {
  const auto drained = start();
  for (auto i = 0; i < 1000; ++i)
    caf::anon_send(drained, atom::bind_v, binding("t" + std::to_string(i), "a"));
  caf::anon_send(drained, atom::drain_v);
  run();
  EXPECT_EQ(store.bindings.size(), 1000u);
}

TEST_F(recorder_test, drops_old_bindings_until_none_is_left) {
  auto calls = 0;
  auto config = recorder_on(store);
  config.expire = [&calls]() -> result<std::size_t> { return ++calls < 3 ? 1000u : 0u; };
  spawn(axonhub::actors::recorder, config);
  advance(10min);
  EXPECT_EQ(calls, 3);
  advance(10min);
  EXPECT_EQ(calls, 4);
}

} // namespace
} // namespace axonhub::actors
