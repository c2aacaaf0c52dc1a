#include "actors/trace.hpp"

#include <gtest/gtest.h>

#include "actors/channel.hpp"
#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;
using policy::failure_kind;
using policy::reason;

class trace_test : public tests::floor_fixture {
protected:
  trace_test() {
    for (auto* script : {&a, &b, &c}) {
      auto actor = spawn(tests::scripted_channel, *script);
      channels.push_back(actor);
      candidates->push_back({.what = {.channel = (*script)->id,
                                      .upstream_model = "m",
                                      .priority = static_cast<std::int32_t>(candidates->size())},
                             .actor = actor});
    }
  }

  static std::vector<policy::model_binding> bindings_from(std::optional<policy::binding> bound) {
    if (!bound)
      return {};
    return {{.model = 0, .name = {}, .bound = *std::move(bound)}};
  }

  trace_actor spawn_trace(std::optional<policy::binding> restored = {}) {
    return spawn(axonhub::actors::trace,
                 trace_config{.key = {.id = {"t"}, .project = {"p"}, .external = "session"},
                              .restored = bindings_from(std::move(restored)),
                              .around = surroundings(recorder)});
  }

  std::shared_ptr<const trace_surroundings> surroundings(recorder_actor told) {
    return std::make_shared<const trace_surroundings>(
        trace_surroundings{.recorder = std::move(told), .affinity = {}, .now = time});
  }

  policy::binding bound_to(std::string channel, milliseconds warm_for = 5min) {
    const auto wall = time().wall;
    return {.channel = {std::move(channel)},
            .credential = {"k2"},
            .since = wall,
            .last_used_at = wall,
            .warm_until = wall + warm_for,
            .warm_tokens = 900};
  }

  route_request wanted_by(int number, std::vector<failed_attempt> failed = {},
                          std::uint64_t model = 0) const {
    return {.request = tests::request(number),
            .candidates = candidates,
            .failed = std::move(failed),
            .model = model};
  }

  route_answer route(const trace_actor& trace, int number,
                     std::vector<failed_attempt> failed = {}) {
    return ask<route_answer>(trace, atom::route_v, wanted_by(number, std::move(failed)));
  }

  /// A request for another model, which only some channels serve.
  route_answer route_model(const trace_actor& trace, int number, std::uint64_t model,
                           std::vector<std::size_t> served_by) {
    auto wanted = wanted_by(number, {}, model);
    auto some = std::make_shared<std::vector<route_candidate>>();
    for (const auto i : served_by)
      some->push_back((*candidates)[i]);
    wanted.candidates = std::move(some);
    return ask<route_answer>(trace, atom::route_v, wanted);
  }

  // "b:moved", or "" without a lease.
  static std::string text_of(const route_answer& answer) {
    if (!answer.granted)
      return {};
    return answer.granted->channel.text + ":" + std::string{to_text(answer.granted->why)};
  }

  void finish(const trace_actor& trace, int number, const route_answer& served) {
    tell(trace, atom::finish_v,
         policy::request_outcome{.request = tests::request(number),
                                 .served = served.granted,
                                 .completed = true,
                                 .tokens = {.cache_write = 500, .seen = true}});
  }

  trace_view view(const trace_actor& trace) { return ask<trace_view>(trace, atom::describe_v); }

  tests::fake_store store;
  recorder_actor recorder = spawn_recorder(store);
  time_source time = clock();
  std::shared_ptr<tests::channel_script> a =
      std::make_shared<tests::channel_script>(tests::channel_script{.id = {"a"}, .refusing = {}});
  std::shared_ptr<tests::channel_script> b =
      std::make_shared<tests::channel_script>(tests::channel_script{.id = {"b"}, .refusing = {}});
  std::shared_ptr<tests::channel_script> c =
      std::make_shared<tests::channel_script>(tests::channel_script{.id = {"c"}, .refusing = {}});
  std::shared_ptr<std::vector<route_candidate>> candidates =
      std::make_shared<std::vector<route_candidate>>();
  std::vector<channel_actor> channels;
};

TEST_F(trace_test, goes_to_its_own_channel_with_its_own_credential) {
  const auto trace = spawn_trace(bound_to("c"));
  const auto answer = route(trace, 1);
  EXPECT_EQ(text_of(answer), "c:bound");
  EXPECT_EQ(answer.granted->credential, credential_id{"k2"});
  EXPECT_EQ(answer.actor, channels[2]);
  EXPECT_FALSE(answer.moved);
  EXPECT_TRUE(a->asked.empty());
}

TEST_F(trace_test, moves_when_its_channel_refuses_and_says_what_that_costs) {
  const auto trace = spawn_trace(bound_to("c"));
  c->refuse(reason::cooling, 5s, true);
  const auto answer = route(trace, 1);
  EXPECT_EQ(text_of(answer), "a:moved");
  EXPECT_TRUE(answer.moved);
  EXPECT_EQ(answer.warm_tokens_left, 900u);
  ASSERT_EQ(answer.refused.size(), 1u);
  EXPECT_EQ(answer.refused[0].why, reason::cooling);
}

TEST_F(trace_test, returns_to_its_warm_channel) {
  const auto trace = spawn_trace(bound_to("c"));
  c->refuse(reason::cooling, 5s, true);
  finish(trace, 1, route(trace, 1));
  EXPECT_EQ(view(trace).moves, 1u);
  c->refusing.reset();
  EXPECT_EQ(text_of(route(trace, 2)), "c:bound");
}

TEST_F(trace_test, binds_anew_when_its_cache_has_gone_cold) {
  const auto trace = spawn_trace(bound_to("c", 1min));
  advance(2min);
  c->refuse(reason::breaker_open, 5s, true);
  finish(trace, 1, route(trace, 1));
  c->refusing.reset();
  EXPECT_EQ(text_of(route(trace, 2)), "a:bound");
}

TEST_F(trace_test, binds_with_its_first_complete_answer_and_tells_the_recorder) {
  const auto trace = spawn_trace();
  finish(trace, 1, route(trace, 1));
  EXPECT_EQ(text_of(route(trace, 2)), "a:bound");
  advance(400ms);
  ASSERT_TRUE(store.bindings.contains({"t"}));
  const auto& stored = store.bindings[{"t"}];
  EXPECT_EQ(stored.bound.channel, channel_id{"a"});
  EXPECT_EQ(stored.external_trace, "session");
}

TEST_F(trace_test, writes_a_mere_use_only_now_and_then) {
  const auto trace = spawn_trace(bound_to("c"));
  for (auto i = 1; i <= 10; ++i) {
    finish(trace, i, route(trace, i));
    advance(1s);
  }
  EXPECT_TRUE(store.written.empty());
  advance(30s);
  finish(trace, 11, route(trace, 11));
  advance(1s);
  EXPECT_EQ(store.written.size(), 1u);
}

TEST_F(trace_test, keeps_parallel_first_requests_together) {
  const auto trace = spawn_trace();
  EXPECT_EQ(text_of(route(trace, 1)), "a:preferred");
  a->refuse(reason::cooling, 1s, true);
  EXPECT_EQ(text_of(route(trace, 2)), "b:moved");
  a->refusing.reset();
  // The first one fails at a and takes the session's tentative home along to b.
  EXPECT_EQ(text_of(route(trace, 1, {{{"a"}, {"k1"}, failure_kind::reset}})), "b:moved");
  EXPECT_EQ(text_of(route(trace, 3)), "b:preferred");
}

TEST_F(trace_test, forgets_a_tentative_choice_that_came_to_nothing) {
  const auto trace = spawn_trace();
  a->refuse(reason::cooling, 1s, true);
  EXPECT_EQ(text_of(route(trace, 1)), "b:moved");
  tell(trace, atom::finish_v, policy::request_outcome{.request = tests::request(1)});
  a->refusing.reset();
  EXPECT_EQ(text_of(route(trace, 2)), "a:preferred");
}

TEST_F(trace_test, asks_a_channel_again_without_the_credential_that_failed) {
  const auto trace = spawn_trace(bound_to("a"));
  route(trace, 1);
  const auto answer = route(trace, 1, {{{"a"}, {"k2"}, failure_kind::unauthorized}});
  EXPECT_EQ(text_of(answer), "a:bound");
  EXPECT_EQ(answer.granted->credential, credential_id{"k1"});
}

TEST_F(trace_test, answers_every_refusal_when_nobody_gives_a_lease) {
  const auto trace = spawn_trace();
  a->refuse(reason::credential_cooling, 40s, false);
  b->refuse(reason::credential_cooling, 20s, false);
  c->refuse(reason::credential_invalid, 0s, false);
  const auto answer = route(trace, 1);
  EXPECT_FALSE(answer.granted);
  ASSERT_EQ(answer.refused.size(), 3u);
  EXPECT_EQ(answer.refused[1].wait, 20s);
  EXPECT_EQ(view(trace).in_flight, 0u);
}

TEST_F(trace_test, takes_the_last_resort_once_in_a_request) {
  const auto trace = spawn_trace();
  a->refuse(reason::cooling, 9s, true);
  b->refuse(reason::cooling, 3s, true);
  c->refuse(reason::cooling, 5s, true);
  EXPECT_EQ(text_of(route(trace, 1)), "b:last_resort");
  EXPECT_EQ(text_of(route(trace, 1, {{{"b"}, {"k1"}, failure_kind::server_error}})), "");
  EXPECT_EQ(text_of(route(trace, 2)), "b:last_resort"); // another request has its own
}

TEST_F(trace_test, passes_over_a_channel_that_has_ended) {
  const auto trace = spawn_trace(bound_to("a"));
  kill(channels[0]);
  const auto answer = route(trace, 1);
  EXPECT_EQ(text_of(answer), "b:moved");
  ASSERT_EQ(answer.refused.size(), 1u);
  EXPECT_EQ(answer.refused[0].why, reason::stopping);
}

TEST_F(trace_test, drops_a_binding_that_was_idle_for_too_long) {
  const auto trace = spawn_trace(bound_to("c"));
  advance(61min);
  EXPECT_EQ(text_of(route(trace, 1)), "a:preferred");
}

TEST_F(trace_test, unbinds_durably) {
  store.bindings[{"t"}] = {};
  const auto trace = spawn_trace(bound_to("c"));
  EXPECT_TRUE(ask<bool>(trace, atom::unbind_v));
  EXPECT_FALSE(store.bindings.contains({"t"}));
  EXPECT_FALSE(ask<bool>(trace, atom::unbind_v));
  EXPECT_EQ(text_of(route(trace, 1)), "a:preferred");
}

TEST_F(trace_test, stays_bound_when_unbinding_cannot_be_written) {
  const auto trace = spawn_trace(bound_to("c"));
  store.failing = errc::store_full;
  EXPECT_EQ(try_ask<bool>(trace, atom::unbind_v).error(), errc::store_full);
  EXPECT_EQ(text_of(route(trace, 1)), "c:bound");
}

TEST_F(trace_test, leaves_only_when_idle) {
  const auto trace = spawn_trace();
  const auto served = route(trace, 1);
  advance(2h);
  EXPECT_FALSE(ask<bool>(trace, atom::sweep_v, milliseconds{1h}));
  finish(trace, 1, served);
  EXPECT_FALSE(ask<bool>(trace, atom::sweep_v, milliseconds{1h}));
  advance(1h);
  EXPECT_TRUE(ask<bool>(trace, atom::sweep_v, milliseconds{1h}));
  EXPECT_EQ(try_ask<trace_view>(trace, atom::describe_v).error(), errc::actor_gone);
}

TEST_F(trace_test, writes_the_last_use_when_it_leaves) {
  const auto trace = spawn_trace(bound_to("c"));
  advance(10s);
  finish(trace, 1, route(trace, 1));
  const auto used = time().wall;
  advance(20s);
  ask<bool>(trace, atom::sweep_v, milliseconds{10s});
  advance(1s);
  EXPECT_EQ(store.bindings[{"t"}].bound.last_used_at, used);
}

TEST_F(trace_test, never_binds_without_a_session) {
  const auto nameless = spawn(axonhub::actors::trace,
                              trace_config{.key = {}, .restored = {}, .around = surroundings({})});
  finish(nameless, 1, route(nameless, 1));
  EXPECT_TRUE(view(nameless).book.bindings().empty());
  EXPECT_EQ(view(nameless).in_flight, 0u);
}

TEST_F(trace_test, keeps_models_that_live_on_different_channels_apart) {
  const auto trace = spawn_trace();
  const auto sonnet = std::uint64_t{1}, haiku = std::uint64_t{2};
  finish(trace, 1, route_model(trace, 1, sonnet, {0}));
  finish(trace, 2, route_model(trace, 2, haiku, {1, 2}));
  for (auto number = 3; number < 9; number += 2) {
    const auto main = route_model(trace, number, sonnet, {0});
    const auto side = route_model(trace, number + 1, haiku, {1, 2});
    EXPECT_EQ(text_of(main), "a:bound");
    EXPECT_EQ(text_of(side), "b:bound");
    EXPECT_FALSE(main.moved || side.moved);
    EXPECT_EQ(side.home->channel, channel_id{"b"});
    EXPECT_TRUE(b->asked.back().may_wait) << "it waits for its own channel";
    finish(trace, number, main);
    finish(trace, number + 1, side);
  }
  EXPECT_EQ(view(trace).moves, 0u);
  advance(1s);
  EXPECT_EQ(store.bindings[{"t"}].all().size(), 2u);
  const auto again = spawn(axonhub::actors::trace,
                           trace_config{.key = {.id = {"t"}, .project = {"p"}, .external = {}},
                                        .restored = store.bindings[{"t"}].all(),
                                        .around = surroundings(recorder)});
  EXPECT_EQ(text_of(route_model(again, 1, haiku, {1, 2})), "b:bound");
  EXPECT_EQ(text_of(route_model(again, 2, sonnet, {0, 1})), "a:bound");
}

TEST_F(trace_test, takes_a_new_model_along_but_not_to_a_channel_of_lower_rank) {
  const auto trace = spawn_trace(bound_to("b"));
  EXPECT_EQ(text_of(route_model(trace, 1, 7, {0, 1})), "a:preferred") << "a has the priority";
  EXPECT_EQ(text_of(route_model(trace, 2, 8, {1, 2})), "b:preferred");
  EXPECT_EQ(b->asked.back().preferred, credential_id{"k2"});
}

TEST_F(trace_test, may_hold_foreign_thinking_where_another_credential_has_answered) {
  const auto trace = spawn_trace();
  const auto first = route(trace, 1);
  EXPECT_TRUE(first.may_hold_foreign_thinking) << "what came before is not known";
  finish(trace, 1, first);
  const auto second = route(trace, 2);
  EXPECT_FALSE(second.may_hold_foreign_thinking);
  const auto moved = route(trace, 2, {{{"a"}, {"k1"}, failure_kind::unauthorized}});
  EXPECT_EQ(moved.granted->channel, channel_id{"a"});
  EXPECT_TRUE(moved.may_hold_foreign_thinking) << "another credential of the same channel";
}

TEST_F(trace_test, remembers_that_its_history_was_made_elsewhere) {
  const auto trace = spawn_trace();
  for (auto number = 1; number < 5; ++number) {
    const auto served = route(trace, number);
    EXPECT_TRUE(served.may_hold_foreign_thinking) << number;
    tell(trace, atom::finish_v,
         policy::request_outcome{.request = tests::request(number),
                                 .served = served.granted,
                                 .completed = true,
                                 .foreign_thinking = number == 1});
  }
}

TEST_F(trace_test, is_not_bound_by_what_began_before_it_was_unbound) {
  const auto trace = spawn_trace(bound_to("c"));
  const auto early = route(trace, 1);
  EXPECT_EQ(text_of(early), "c:bound");
  EXPECT_TRUE(ask<bool>(trace, atom::unbind_v));
  finish(trace, 1, early);
  EXPECT_TRUE(view(trace).book.bindings().empty());
  advance(1s);
  EXPECT_FALSE(store.bindings.contains({"t"})) << "nor in the store";
  finish(trace, 2, route(trace, 2));
  EXPECT_EQ(text_of(route(trace, 3)), "a:bound") << "what began later binds";
}

TEST_F(trace_test, gives_back_a_lease_that_comes_too_late) {
  auto limited = std::make_shared<channel_settings>();
  limited->channel.id = {"full"};
  limited->credentials.emplace_back().id = {"k1"};
  limited->channel.limits.rate.max_concurrent = 1;
  const auto full = spawn(axonhub::actors::channel, channel_config{limited, time});
  const auto in_flight = [&] { return ask<policy::health_view>(full, atom::describe_v).in_flight; };
  const auto first =
      *ask<policy::acquire_answer>(full, atom::acquire_v,
                                   policy::acquire_request{.request = {"x"}, .upstream_model = "m"})
           .granted;
  auto alone = std::make_shared<std::vector<route_candidate>>();
  alone->push_back({.what = {.channel = {"full"}, .upstream_model = "m"}, .actor = full});
  const auto trace = spawn_trace();
  auto wanted = wanted_by(1);
  wanted.candidates = alone;
  const auto left = start_ask<route_answer>(trace, atom::route_v, wanted);
  const auto anew = start_ask<route_answer>(trace, atom::route_v, wanted);
  EXPECT_FALSE(left.answered() || anew.answered()) << "both wait in the channel's queue";
  tell(full, atom::release_v, policy::attempt_outcome{.used = first});
  ASSERT_TRUE(anew.answered() && anew.get()->granted) << "the later search is the one that counts";
  EXPECT_EQ(in_flight(), 1u);
  wanted.request = tests::request(2);
  const auto gone = start_ask<route_answer>(trace, atom::route_v, wanted);
  tell(trace, atom::finish_v, policy::request_outcome{.request = tests::request(2)});
  tell(full, atom::release_v, policy::attempt_outcome{.used = *anew.get()->granted});
  EXPECT_EQ(in_flight(), 0u) << "nobody would give it back";
  wanted.request = tests::request(3);
  EXPECT_TRUE(ask<route_answer>(trace, atom::route_v, wanted).granted);
}

} // namespace
} // namespace axonhub::actors
