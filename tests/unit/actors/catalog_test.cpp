#include "actors/catalog.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <stdexcept>

#include "actors/world.hpp"
#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;

policy::channel channel_named(std::string name,
                              policy::channel_status status = policy::channel_status::enabled) {
  auto c = policy::channel{};
  c.id = {"ch_" + name};
  c.name = std::move(name);
  c.type = "anthropic";
  c.status = status;
  c.base_url = "https://api.example.com";
  c.supported_models = {"model"};
  c.created_at = from_unix_ms(1);
  return c;
}

policy::catalog_change put_channel(policy::channel c) {
  auto change = policy::catalog_change{};
  change.edits.push_back(policy::put<policy::channel>{std::move(c)});
  change.audit.action = "channel.put";
  return change;
}

class catalog_test : public tests::floor_fixture {
protected:
  catalog_actor start() {
    auto config = catalog_config{};
    config.load = [this]() -> result<policy::catalog_data> { return stored; };
    config.find_counters = find_counters;
    config.hash_key = secret{std::string(32, 'k')};
    config.parts.recorder = recorder;
    config.publish = [this](world_ptr next, std::function<void()> adopted) {
      worlds.push_back(std::move(next));
      if (hold_adoption)
        held.push_back(std::move(adopted));
      else
        adopted();
    };
    config.last_revision = 40;
    config.now = clock();
    return spawn(axonhub::actors::catalog, config);
  }

  change_answer change(const catalog_actor& catalog, policy::catalog_change what) {
    return ask<change_answer>(catalog, atom::change_v, std::move(what));
  }

  const world& newest() { return *worlds.back(); }

  bool is_live(const channel_actor& channel) {
    return try_ask<policy::health_view>(channel, atom::describe_v).has_value();
  }

  bool is_catalog_live(const catalog_actor& catalog) {
    return try_ask<change_answer>(catalog, atom::change_v, policy::catalog_change{}).error() !=
           errc::actor_gone;
  }

  policy::catalog_data stored;
  std::function<result<policy::key_counters>(const key_id&)> find_counters;
  tests::fake_store store;
  recorder_actor recorder = spawn_recorder(store);
  std::vector<world_ptr> worlds;
  bool hold_adoption = false;
  std::deque<std::function<void()>> held;
};

TEST_F(catalog_test, publishes_what_is_stored) {
  stored.channels[{"ch_a"}] = channel_named("a");
  start();
  ASSERT_EQ(worlds.size(), 1u);
  EXPECT_EQ(newest().revision, 41u);
  const auto candidates = with_actors(newest().catalog->serving("model"), newest());
  ASSERT_EQ(candidates->size(), 1u);
  EXPECT_EQ(candidates->at(0).actor, newest().channels.at({"ch_a"}).actor);
  EXPECT_TRUE(is_live(candidates->at(0).actor));
}

TEST_F(catalog_test, answers_a_change_when_it_is_durable_and_adopted_by_all) {
  const auto catalog = start();
  hold_adoption = true;
  const auto answer =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("a")));
  EXPECT_EQ(store.written.size(), 1u);
  ASSERT_EQ(store.written[0].audit.size(), 1u);
  EXPECT_EQ(store.written[0].audit[0].action, "channel.put");
  EXPECT_FALSE(answer.answered());
  held.front()();
  run();
  ASSERT_TRUE(answer.answered());
  EXPECT_EQ(answer.get()->adopted, worlds.back());
  EXPECT_TRUE(newest().catalog->data().channels.contains({"ch_a"}));
}

TEST_F(catalog_test, handles_changes_one_after_the_other) {
  const auto catalog = start();
  hold_adoption = true;
  const auto first =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("a")));
  const auto second =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("a")));
  const auto third =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("b")));
  EXPECT_EQ(store.written.size(), 1u);
  held.front()();
  run();
  EXPECT_TRUE(first.answered());
  // The second saw what the first did, and is refused; the third waits for its own adoption.
  ASSERT_TRUE(second.answered());
  EXPECT_TRUE(second.get()->refused);
  EXPECT_EQ(store.written.size(), 2u);
  EXPECT_FALSE(third.answered());
  held.back()();
  run();
  EXPECT_TRUE(third.answered());
}

TEST_F(catalog_test, leaves_all_as_it_was_when_a_change_is_refused) {
  const auto catalog = start();
  auto nameless = channel_named("");
  const auto answer = change(catalog, put_channel(nameless));
  ASSERT_TRUE(answer.refused);
  EXPECT_FALSE(answer.refused->message.empty());
  EXPECT_FALSE(answer.adopted);
  EXPECT_TRUE(store.written.empty());
  EXPECT_EQ(worlds.size(), 1u);
}

TEST_F(catalog_test, adopts_nothing_that_is_not_durable) {
  const auto catalog = start();
  store.failing = errc::store_full;
  const auto answer = change(catalog, put_channel(channel_named("a")));
  ASSERT_TRUE(answer.refused);
  EXPECT_EQ(answer.refused->code, errc::store_full);
  EXPECT_EQ(worlds.size(), 1u);
  store.failing = {};
  EXPECT_TRUE(change(catalog, put_channel(channel_named("a"))).adopted);
}

TEST_F(catalog_test, keeps_actors_of_disabled_channels_and_drains_archived_ones) {
  stored.channels[{"ch_a"}] = channel_named("a", policy::channel_status::disabled);
  const auto catalog = start();
  const auto actor = newest().channels.at({"ch_a"}).actor;
  EXPECT_TRUE(is_live(actor));
  EXPECT_TRUE(newest().catalog->serving("model").empty());
  auto archived = channel_named("a", policy::channel_status::archived);
  ASSERT_TRUE(change(catalog, put_channel(archived)).adopted);
  EXPECT_FALSE(newest().channels.contains({"ch_a"}));
  EXPECT_FALSE(is_live(actor));
}

TEST_F(catalog_test, tells_a_channel_its_new_settings) {
  stored.channels[{"ch_a"}] = channel_named("a");
  const auto catalog = start();
  const auto actor = newest().channels.at({"ch_a"}).actor;
  const auto acquire = policy::acquire_request{.request = {"r"}, .upstream_model = "model"};
  EXPECT_FALSE(ask<policy::acquire_answer>(actor, atom::acquire_v, acquire).granted);
  auto key = policy::credential{};
  key.id = {"cr_1"};
  key.channel = {"ch_a"};
  key.name = "one";
  key.value = secret{"sk-secret"};
  auto add = policy::catalog_change{};
  add.edits.push_back(policy::put<policy::credential>{key});
  const auto answer = change(catalog, add);
  ASSERT_TRUE(answer.adopted) << answer.refused->message;
  EXPECT_EQ(newest().channels.at({"ch_a"}).actor, actor);
  EXPECT_TRUE(ask<policy::acquire_answer>(actor, atom::acquire_v, acquire).granted);
}

TEST_F(catalog_test, keeps_a_bench_and_clears_it_with_one_change) {
  stored.channels[{"ch_a"}] = channel_named("a");
  auto& key = stored.credentials[{"cr_1"}];
  key.id = {"cr_1"};
  key.channel = {"ch_a"};
  key.value = secret{"sk-secret"};
  key.revision = 7;
  const auto catalog = start();
  const auto actor = newest().channels.at({"ch_a"}).actor;
  const auto acquire = policy::acquire_request{.request = {"r"}, .upstream_model = "model"};
  const auto ask_for_lease = [&] {
    return ask<policy::acquire_answer>(actor, atom::acquire_v, acquire);
  };
  const auto refuse = [&](const policy::lease& used) {
    tell(actor, atom::release_v,
         policy::attempt_outcome{
             .used = used,
             .failed = policy::attempt_failure{.kind = policy::failure_kind::unauthorized,
                                               .message = "who are you?"}});
  };
  const auto first = *ask_for_lease().granted, second = *ask_for_lease().granted;
  refuse(first);
  const auto& benched = *newest().catalog->find_credential({"cr_1"});
  EXPECT_EQ(benched.invalid_reason, "who are you?");
  EXPECT_EQ(benched.invalid_since, clock()().wall);
  ASSERT_EQ(store.written.size(), 1u);
  EXPECT_EQ(store.written[0].audit.at(0).actor, "system");
  EXPECT_EQ(ask_for_lease().refused.why, policy::reason::credential_invalid);

  auto repaired = benched;
  repaired.invalid_reason.clear();
  repaired.invalid_since.reset();
  auto repair = policy::catalog_change{};
  repair.edits.push_back(policy::put<policy::credential>{repaired});
  ASSERT_TRUE(change(catalog, repair).adopted);
  EXPECT_TRUE(ask_for_lease().granted);
  refuse(second);
  EXPECT_TRUE(ask_for_lease().granted) << "the old value was refused, not this one";
  EXPECT_TRUE(newest().catalog->find_credential({"cr_1"})->invalid_reason.empty());
}

TEST_F(catalog_test, starts_a_dead_channel_anew) {
  stored.channels[{"ch_a"}] = channel_named("a");
  start();
  const auto dead = newest().channels.at({"ch_a"}).actor;
  kill(dead);
  ASSERT_EQ(worlds.size(), 2u);
  EXPECT_NE(newest().channels.at({"ch_a"}).actor, dead);
  EXPECT_TRUE(is_live(newest().channels.at({"ch_a"}).actor));
}

TEST_F(catalog_test, publishes_new_parts) {
  const auto catalog = start();
  auto parts = world_parts{};
  parts.recorder = spawn_recorder(store);
  tell(catalog, atom::adopt_v, parts);
  EXPECT_EQ(newest().recorder, parts.recorder);
  EXPECT_EQ(newest().revision, 42u);
}

TEST_F(catalog_test, takes_its_channels_along_when_it_is_told_to_end) {
  stored.channels[{"ch_a"}] = channel_named("a");
  const auto catalog = start();
  caf::anon_send_exit(catalog, caf::exit_reason::user_shutdown);
  run();
  EXPECT_FALSE(is_catalog_live(catalog));
  EXPECT_FALSE(is_live(newest().channels.at({"ch_a"}).actor));
}

TEST_F(catalog_test, makes_the_changes_it_has_been_given_before_it_ends) {
  stored.channels[{"ch_a"}] = channel_named("a");
  const auto catalog = start();
  hold_adoption = true;
  const auto first =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("b")));
  const auto second =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("c")));
  caf::anon_send_exit(catalog, caf::exit_reason::user_shutdown);
  run();
  EXPECT_TRUE(is_live(newest().channels.at({"ch_a"}).actor));
  held.front()();
  run();
  held.back()();
  run();
  EXPECT_TRUE(first.get()->adopted);
  EXPECT_TRUE(second.get()->adopted);
  EXPECT_EQ(store.written.size(), 2u);
  EXPECT_FALSE(is_catalog_live(catalog));
}

TEST_F(catalog_test, ends_when_the_recorder_dies_of_the_change_under_way) {
  const auto catalog = start();
  store.before_write = [&] {
    caf::anon_send_exit(catalog, caf::exit_reason::user_shutdown);
    throw std::runtime_error{"bug"};
  };
  const auto lost =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("a")));
  EXPECT_EQ(lost.get()->refused->code, errc::actor_gone);
  EXPECT_FALSE(is_catalog_live(catalog));
}

TEST_F(catalog_test, tells_those_that_wait_when_it_gives_up) {
  stored.channels[{"ch_a"}] = channel_named("a");
  const auto catalog = start();
  hold_adoption = true;
  const auto waiting =
      start_ask<change_answer>(catalog, atom::change_v, put_channel(channel_named("b")));
  for (auto deaths = 0; deaths < 6; ++deaths)
    kill(newest().channels.at({"ch_a"}).actor);
  EXPECT_EQ(waiting.get().error(), errc::shutting_down);
  EXPECT_FALSE(is_catalog_live(catalog));
}

policy::api_key key_named(std::string name) {
  auto key = policy::api_key{};
  key.id = {"key_" + name};
  key.project = {"default"};
  key.hash = "hash of " + name;
  return key;
}

policy::catalog_change put_key(policy::api_key key) {
  auto change = policy::catalog_change{};
  change.edits.push_back(policy::put<policy::api_key>{std::move(key)});
  return change;
}

class catalog_keys_test : public catalog_test {
protected:
  catalog_keys_test() {
    stored.projects[{"default"}].id = {"default"};
    stored.keys[{"key_free"}] = key_named("free");
    auto limited = key_named("limited");
    limited.budgets = {{.counter = "c",
                        .unit = policy::budget_unit::requests,
                        .amount = policy::decimal{1},
                        .period = {},
                        .soft_at = {}}};
    stored.keys[{"key_limited"}] = limited;
  }

  bool admits(const key_budget_actor& actor, std::uint64_t number) {
    return !ask<key_answer>(actor, atom::reserve_v, number, policy::key_request{}).refused;
  }
};

TEST_F(catalog_keys_test, have_an_actor_only_where_they_have_limits) {
  const auto catalog = start();
  ASSERT_EQ(newest().budgets.size(), 1u);
  const auto actor = newest().budgets.at({"key_limited"});
  auto key = newest().catalog->data().keys.at({"key_limited"});
  key.budgets.clear();
  ASSERT_TRUE(change(catalog, put_key(key)).adopted);
  EXPECT_TRUE(newest().budgets.empty());
  EXPECT_EQ(try_ask<policy::key_view>(actor, atom::describe_v).error(), errc::actor_gone);
  key = newest().catalog->data().keys.at({"key_free"});
  key.limits.rpm = 1;
  ASSERT_TRUE(change(catalog, put_key(key)).adopted);
  EXPECT_TRUE(admits(newest().budgets.at({"key_free"}), 1));
  EXPECT_FALSE(admits(newest().budgets.at({"key_free"}), 2));
}

TEST_F(catalog_keys_test, answer_until_every_thread_knows_that_they_are_no_more) {
  const auto catalog = start();
  const auto actor = newest().budgets.at({"key_limited"});
  hold_adoption = true;
  auto deletion = policy::catalog_change{};
  deletion.edits.push_back(policy::erase<key_id>{{"key_limited"}});
  const auto deleted = start_ask<change_answer>(catalog, atom::change_v, deletion);
  EXPECT_FALSE(newest().budgets.contains({"key_limited"}));
  EXPECT_TRUE(admits(actor, 1)) << "a thread with the older world asks";
  held.front()();
  run();
  EXPECT_TRUE(deleted.answered());
  EXPECT_EQ(try_ask<policy::key_view>(actor, atom::describe_v).error(), errc::actor_gone);
}

TEST_F(catalog_keys_test, tell_their_actor_of_a_change_and_keep_it) {
  const auto catalog = start();
  const auto actor = newest().budgets.at({"key_limited"});
  EXPECT_TRUE(admits(actor, 1));
  EXPECT_FALSE(admits(actor, 2));
  auto key = newest().catalog->data().keys.at({"key_limited"});
  key.budgets.front().amount = policy::decimal{2};
  ASSERT_TRUE(change(catalog, put_key(key)).adopted);
  EXPECT_EQ(newest().budgets.at({"key_limited"}), actor);
  EXPECT_TRUE(admits(actor, 3));
  EXPECT_FALSE(admits(actor, 4));
}

TEST_F(catalog_keys_test, get_another_actor_with_their_counts_when_one_dies) {
  find_counters = [this](const key_id& id) { return store.counters[id]; };
  start();
  const auto actor = newest().budgets.at({"key_limited"});
  EXPECT_TRUE(admits(actor, 1));
  tell(actor, atom::settle_v, std::uint64_t{1}, policy::key_use{.asked_upstream = true});
  advance(1s);
  kill(actor);
  ASSERT_NE(newest().budgets.at({"key_limited"}), actor);
  EXPECT_FALSE(admits(newest().budgets.at({"key_limited"}), 2));
}

TEST_F(catalog_keys_test, have_their_counts_with_the_recorder_before_the_catalog_has_ended) {
  const auto catalog = start();
  const auto actor = newest().budgets.at({"key_limited"});
  EXPECT_TRUE(admits(actor, 1));
  caf::anon_send(actor, atom::settle_v, std::uint64_t{1}, policy::key_use{.asked_upstream = true});
  caf::anon_send_exit(catalog, caf::exit_reason::user_shutdown);
  run();
  tell(recorder, atom::drain_v);
  EXPECT_EQ(store.counters.at({"key_limited"}).by_name.at("c").spent({}), policy::decimal{1});
  EXPECT_FALSE(is_catalog_live(catalog));
}

} // namespace
} // namespace axonhub::actors
