#include "actors/directory.hpp"

#include <gtest/gtest.h>

#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;

class directory_test : public tests::floor_fixture {
protected:
  directory_actor start(std::size_t max_live = 100) {
    auto config = directory_config{};
    config.find_binding = [this](const trace_id& id) { return store.find(id); };
    config.recorder = recorder;
    config.max_live = max_live;
    config.now = clock();
    return spawn(axonhub::actors::directory, config);
  }

  trace_actor find(const directory_actor& directory, std::string id) {
    return ask<trace_actor>(directory, atom::find_v,
                            trace_key{.id = {std::move(id)}, .project = {"p"}, .external = "s"});
  }

  trace_view view(const trace_actor& trace) { return ask<trace_view>(trace, atom::describe_v); }

  bool is_live(const trace_actor& trace) {
    return try_ask<trace_view>(trace, atom::describe_v).has_value();
  }

  // A request that found a lease and has not ended.
  void occupy(const trace_actor& trace, int number) {
    auto script = std::make_shared<tests::channel_script>();
    script->id = {"a"};
    auto set = std::make_shared<std::vector<route_candidate>>();
    set->push_back({.what = {.channel = {"a"}}, .actor = spawn(tests::scripted_channel, script)});
    ask<route_answer>(
        trace, atom::route_v,
        route_request{.request = tests::request(number), .candidates = set, .failed = {}});
  }

  void keep_binding(std::string trace, std::string channel) {
    auto& b = store.bindings[{trace}];
    b.trace = {trace};
    b.bound.channel = {std::move(channel)};
    b.bound.last_used_at = clock()().wall;
  }

  std::string listed(const directory_actor& directory) {
    auto ids = std::string{};
    for (const auto& v : ask<std::vector<trace_view>>(directory, atom::list_v))
      ids += v.key.id.text;
    return ids;
  }

  tests::fake_store store;
  recorder_actor recorder = spawn_recorder(store);
};

TEST_F(directory_test, knows_one_actor_per_trace) {
  const auto directory = start();
  const auto trace = find(directory, "a");
  EXPECT_EQ(find(directory, "a"), trace);
  EXPECT_NE(find(directory, "b"), trace);
}

TEST_F(directory_test, restores_a_binding_from_the_store) {
  keep_binding("a", "ch");
  const auto found = view(find(start(), "a"));
  ASSERT_EQ(found.book.bindings().size(), 1u);
  EXPECT_EQ(found.book.bindings()[0].bound.channel, channel_id{"ch"});
  EXPECT_EQ(found.key.external, "s");
}

TEST_F(directory_test, starts_a_trace_anew_after_it_died) {
  const auto directory = start();
  const auto trace = find(directory, "a");
  kill(trace);
  EXPECT_TRUE(is_live(find(directory, "a")));
}

TEST_F(directory_test, lets_idle_traces_leave_and_starts_them_again) {
  keep_binding("a", "ch");
  const auto directory = start();
  const auto idle = find(directory, "a");
  const auto busy = find(directory, "b");
  occupy(busy, 1);
  advance(61min);
  EXPECT_FALSE(is_live(idle));
  EXPECT_TRUE(is_live(busy));
  EXPECT_EQ(listed(directory), "b");
  EXPECT_TRUE(is_live(find(directory, "a")));
}

TEST_F(directory_test, keeps_a_trace_that_is_used_now_and_then) {
  const auto directory = start();
  const auto trace = find(directory, "a");
  for (auto i = 0; i < 5; ++i) {
    advance(45min);
    EXPECT_EQ(find(directory, "a"), trace);
    occupy(trace, i);
    tell(trace, atom::finish_v, policy::request_outcome{.request = tests::request(i)});
  }
}

TEST_F(directory_test, lets_crowds_of_idle_traces_leave) {
  const auto directory = start(1000);
  for (auto i = 0; i < 300; ++i)
    find(directory, std::to_string(i));
  advance(61min);
  EXPECT_EQ(listed(directory), "");
}

TEST_F(directory_test, makes_room_with_the_longest_unused) {
  const auto directory = start(3);
  for (const auto* id : {"a", "b", "c"}) {
    find(directory, id);
    advance(2s);
  }
  find(directory, "a");
  find(directory, "d");
  EXPECT_EQ(listed(directory), "da");
}

TEST_F(directory_test, lets_its_limit_give_way_to_requests_in_flight) {
  const auto directory = start(2);
  for (const auto* id : {"a", "b"})
    occupy(find(directory, id), 1);
  advance(2s);
  EXPECT_TRUE(is_live(find(directory, "c")));
  EXPECT_EQ(listed(directory).size(), 3u);
}

TEST_F(directory_test, lists_the_last_used_first) {
  const auto directory = start();
  for (const auto* id : {"a", "b", "c", "a"}) {
    find(directory, id);
    advance(1s);
  }
  EXPECT_EQ(listed(directory), "acb");
}

TEST_F(directory_test, unbinds_live_and_absent_traces) {
  const auto directory = start();
  keep_binding("live", "ch");
  keep_binding("absent", "ch");
  const auto live = find(directory, "live");
  EXPECT_TRUE(ask<bool>(directory, atom::unbind_v, trace_id{"live"}));
  EXPECT_TRUE(view(live).book.bindings().empty());
  EXPECT_TRUE(ask<bool>(directory, atom::unbind_v, trace_id{"absent"}));
  EXPECT_FALSE(ask<bool>(directory, atom::unbind_v, trace_id{"absent"}));
  EXPECT_TRUE(store.bindings.empty());
}

TEST_F(directory_test, takes_its_traces_along_when_it_is_told_to_end) {
  const auto directory = start();
  const auto trace = find(directory, "a");
  caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
  run();
  EXPECT_FALSE(is_live(trace));
}

} // namespace
} // namespace axonhub::actors
