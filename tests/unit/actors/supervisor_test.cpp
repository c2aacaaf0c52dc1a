#include "actors/supervisor.hpp"

#include <gtest/gtest.h>

#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;

class supervisor_test : public tests::floor_fixture {
protected:
  supervisor_actor start() {
    auto config = supervisor_config{};
    config.recorder = recorder_on(store);
    config.directory.find_binding = [this](const trace_id& id) { return store.find(id); };
    config.directory.now = config.catalog.now = config.now = clock();
    config.catalog.load = []() -> result<policy::catalog_data> { return policy::catalog_data{}; };
    config.catalog.hash_key = secret{std::string(32, 'k')};
    config.catalog.publish = [this](world_ptr next, const std::function<void()>& adopted) {
      world = std::move(next);
      adopted();
    };
    config.shards = 2;
    config.recorder_has_thread = false;
    config.escalate = [this] { ++escalations; };
    supervisor = spawn(axonhub::actors::supervisor, config);
    return supervisor;
  }

  // The children end with it: a directory that nobody ends sweeps for ever.
  void TearDown() override {
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    run();
  }

  trace_actor find(const directory_actor& directory) {
    return ask<trace_actor>(directory, atom::find_v,
                            trace_key{.id = {"t"}, .project = {}, .external = {}});
  }

  template <class Handle>
  bool is_gone(const Handle& actor) {
    auto gone = false;
    auto watched = caf::actor_cast<caf::strong_actor_ptr>(actor);
    watched->get()->attach_functor([&gone] { gone = true; }); // at once, when it has ended
    return gone;
  }

  // The whole floor answers: a change is made, a trace is found, a record is kept.
  void expect_all_well() {
    auto change = policy::catalog_change{};
    change.edits.push_back(policy::put_setting{.name = "x", .json = "1"});
    EXPECT_TRUE(ask<change_answer>(world->catalog_owner, atom::change_v, change).adopted);
    for (const auto& shard : world->directory)
      EXPECT_TRUE(try_ask<trace_actor>(shard, atom::find_v,
                                       trace_key{.id = {"t"}, .project = {}, .external = {}}));
    for (const auto& nameless : world->nameless)
      EXPECT_TRUE(try_ask<trace_view>(nameless, atom::describe_v));
    for (const auto& shard : world->journal)
      EXPECT_TRUE(try_ask<record_list>(shard, atom::list_v, journal_query{}));
    EXPECT_TRUE(try_ask<void>(world->recorder, atom::write_v, store::write_batch{}));
  }

  supervisor_actor supervisor;
  tests::fake_store store;
  world_ptr world;
  int escalations = 0;
};

TEST_F(supervisor_test, starts_every_actor) {
  start();
  ASSERT_TRUE(world);
  EXPECT_EQ(world->directory.size(), 2u);
  EXPECT_EQ(world->nameless.size(), 2u);
  EXPECT_EQ(world->journal.size(), 2u);
  expect_all_well();
}

TEST_F(supervisor_test, brings_a_dead_directory_shard_back) {
  start();
  const auto before = world;
  kill(world->directory[1]);
  EXPECT_EQ(world->directory[0], before->directory[0]);
  EXPECT_NE(world->directory[1], before->directory[1]);
  EXPECT_EQ(world->catalog_owner, before->catalog_owner);
  EXPECT_GT(world->revision, before->revision);
  expect_all_well();
}

TEST_F(supervisor_test, brings_a_dead_nameless_trace_back) {
  start();
  const auto dead = world->nameless[0];
  kill(dead);
  EXPECT_NE(world->nameless[0], dead);
  expect_all_well();
}

TEST_F(supervisor_test, brings_a_dead_journal_shard_back) {
  start();
  const auto dead = world->journal[1];
  kill(dead);
  EXPECT_NE(world->journal[1], dead);
  expect_all_well();
}

TEST_F(supervisor_test, brings_a_dead_catalog_back) {
  start();
  const auto before = world;
  kill(world->catalog_owner);
  EXPECT_NE(world->catalog_owner, before->catalog_owner);
  EXPECT_EQ(world->recorder, before->recorder);
  EXPECT_GT(world->revision, before->revision + 1'000'000) << "the dead one's are all earlier";
  expect_all_well();
}

TEST_F(supervisor_test, brings_back_with_the_recorder_those_that_speak_with_it) {
  start();
  const auto before = world;
  kill(world->recorder);
  EXPECT_NE(world->recorder, before->recorder);
  EXPECT_NE(world->directory[0], before->directory[0]);
  EXPECT_NE(world->catalog_owner, before->catalog_owner);
  EXPECT_EQ(world->journal[0], before->journal[0]);
  EXPECT_TRUE(is_gone(before->directory[0]));
  EXPECT_TRUE(is_gone(before->catalog_owner));
  expect_all_well();
}

TEST_F(supervisor_test, escalates_once_when_restarts_do_not_help) {
  start();
  for (auto i = 0; i < 5; ++i)
    kill(world->journal[0]);
  EXPECT_EQ(escalations, 0);
  kill(world->journal[0]);
  kill(world->nameless[0]);
  EXPECT_EQ(escalations, 1);
}

TEST_F(supervisor_test, forgives_what_died_long_ago) {
  start();
  for (auto i = 0; i < 20; ++i) {
    kill(world->journal[0]);
    advance(20s);
  }
  EXPECT_EQ(escalations, 0);
  expect_all_well();
}

TEST_F(supervisor_test, ends_all_and_writes_what_was_told) {
  start();
  auto told = store::stored_binding{};
  told.trace = {"t"};
  const auto trace = find(world->directory[0]);
  tell(world->recorder, atom::bind_v, told);
  const auto before = world;
  ask<void>(supervisor, atom::drain_v);
  EXPECT_TRUE(store.bindings.contains({"t"}));
  EXPECT_TRUE(is_gone(before->catalog_owner));
  EXPECT_TRUE(is_gone(before->recorder));
  EXPECT_TRUE(is_gone(before->directory[1]));
  EXPECT_TRUE(is_gone(before->nameless[0]));
  EXPECT_TRUE(is_gone(before->journal[0]));
  EXPECT_TRUE(is_gone(trace));
  EXPECT_TRUE(is_gone(supervisor));
  EXPECT_EQ(world, before); // nothing came back
}

TEST_F(supervisor_test, ends_all_even_after_it_escalated) {
  start();
  for (auto i = 0; i < 6; ++i)
    kill(world->recorder);
  EXPECT_EQ(escalations, 1);
  EXPECT_TRUE(try_ask<void>(supervisor, atom::drain_v));
}

} // namespace
} // namespace axonhub::actors
