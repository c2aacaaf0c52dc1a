#include "policy/health.hpp"

#include <gtest/gtest.h>

#include <set>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

class health_test : public testing::Test {
protected:
  acquire_answer acquire(acquire_request wanted = {}) {
    if (wanted.upstream_model.empty())
      wanted.upstream_model = "m";
    return tested.acquire(wanted, credentials, now);
  }
  lease granted(acquire_request wanted = {}) {
    auto answer = acquire(std::move(wanted));
    EXPECT_TRUE(answer.granted) << to_text(answer.refused.why);
    return answer.granted.value_or(lease{});
  }
  release_effect end(const lease& used, std::optional<attempt_failure> failed = std::nullopt,
                     bool neutral = false) {
    return tested.release({.used = used, .failed = std::move(failed), .neutral = neutral},
                          credentials, now, jitter);
  }
  /// Fails `times` attempts, one after the other, whatever the health says.
  void fail(failure_kind kind, int times = 1, std::optional<milliseconds> retry_after = {}) {
    for (auto i = 0; i < times; ++i)
      end(granted({.last_resort = true}), failure(kind, retry_after));
  }
  static attempt_failure failure(failure_kind kind, std::optional<milliseconds> retry_after = {}) {
    return {.kind = kind,
            .http_status = 0,
            .retry_after = retry_after,
            .type = {},
            .message = "the upstream's words"};
  }
  void pass(milliseconds time) {
    now.steady += time;
    now.wall += time;
  }
  health_view view() const { return tested.view(credentials, now); }

  channel_health tested{channel_id{"ch_a"}};
  std::vector<credential_facts> credentials{{.id = {"cr_1"}}};
  instant now{steady_time{} + 1h, wall_time{} + 24h * 365};
  double jitter = 0.5; ///< Where nobody says how long to rest, it changes nothing.
};

TEST_F(health_test, is_troubled_for_a_while_by_a_stream_that_dripped) {
  tested.release({.used = granted(), .slow = true}, credentials, now, 0.5);
  EXPECT_TRUE(granted().troubled);
  pass(10s);
  EXPECT_FALSE(granted().troubled);
}

TEST_F(health_test, grants_leases_with_numbers_of_their_own) {
  const auto a = granted(), b = granted();
  EXPECT_NE(a.number, b.number);
  EXPECT_EQ(a.channel, channel_id{"ch_a"});
  EXPECT_EQ(a.credential, credential_id{"cr_1"});
  EXPECT_EQ(a.upstream_model, "m");
  EXPECT_EQ(tested.in_flight(), 2u);
  end(a);
  end(a);
  EXPECT_EQ(tested.in_flight(), 1u) << "a lease ends once";
}

TEST_F(health_test, says_why_a_failure_keeps_the_next_attempt_out) {
  using enum failure_kind;
  struct {
    failure_kind kind;
    int times;
    std::optional<milliseconds> retry_after;
    std::optional<reason> expected;
    milliseconds wait;
    bool by_health;
  } cases[] = {
      {stale_connection, 9, {}, std::nullopt, 0s, false},
      {client_error, 9, {}, std::nullopt, 0s, false},
      {signature, 9, {}, std::nullopt, 0s, false},
      {address_refused, 9, {}, std::nullopt, 0s, false},
      {connect, 4, {}, std::nullopt, 0s, false},
      {connect, 5, {}, reason::breaker_open, 5s, true},
      {tls, 5, {}, reason::breaker_open, 5s, true},
      {first_byte_timeout, 5, {}, reason::breaker_open, 5s, true},
      {stall, 5, {}, reason::breaker_open, 5s, true},
      {cut, 5, {}, reason::breaker_open, 5s, true},
      {server_error, 1, {}, reason::cooling, 1s, true},
      {server_error, 1, 7s, reason::cooling, 7s, true},
      {overloaded, 1, 24h, reason::cooling, 15min, true},
      {overloaded, 1, 0s, reason::cooling, 1s, true},
      {rate_limited, 1, {}, reason::credential_cooling, 10s, false},
      {rate_limited, 1, 90s, reason::credential_cooling, 90s, false},
      {rate_limited, 1, 100h, reason::credential_cooling, 15min, false},
      {unauthorized, 1, {}, reason::credential_invalid, 0s, false},
      {billing, 1, {}, reason::credential_invalid, 0s, false},
      {model_not_found, 1, {}, reason::model_absent, 10min, true},
  };
  for (const auto& [kind, times, retry_after, expected, wait, by_health] : cases) {
    SCOPED_TRACE(testing::Message() << to_text(kind) << " x " << times);
    tested = channel_health{channel_id{"ch_a"}};
    jitter = retry_after ? 0 : 0.5;
    fail(kind, times, retry_after);
    const auto answer = acquire();
    ASSERT_EQ(answer.granted.has_value(), !expected);
    if (!expected)
      continue;
    EXPECT_EQ(to_text(answer.refused.why), to_text(*expected));
    EXPECT_EQ(answer.refused.wait, wait);
    EXPECT_EQ(answer.refused.by_health, by_health);
    const auto last = acquire({.last_resort = true}).granted;
    EXPECT_EQ(last.has_value(), by_health);
    end(last.value_or(lease{}), std::nullopt, true);
    pass(wait);
    EXPECT_EQ(acquire().granted.has_value(), wait > 0s) << "the wait was true";
  }
}

TEST_F(health_test, foretells_a_refusal_without_taking_the_probe) {
  EXPECT_FALSE(tested.would_refuse({.upstream_model = "m"}, credentials, now));
  fail(failure_kind::connect, 5);
  EXPECT_EQ(tested.would_refuse({.upstream_model = "m"}, credentials, now)->why,
            reason::breaker_open);
  EXPECT_FALSE(tested.would_refuse({.upstream_model = "m", .last_resort = true}, credentials, now));
  EXPECT_EQ(tested.would_refuse({.upstream_model = "m"}, {}, now)->why, reason::no_credential);
  pass(5s);
  EXPECT_FALSE(tested.would_refuse({.upstream_model = "m"}, credentials, now));
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, blames_the_model_that_failed_and_no_other) {
  fail(failure_kind::server_error);
  fail(failure_kind::connect, 5);
  fail(failure_kind::model_not_found);
  EXPECT_FALSE(acquire().granted);
  EXPECT_TRUE(acquire({.upstream_model = "other"}).granted);
}

TEST_F(health_test, marks_a_lease_that_health_would_have_refused) {
  EXPECT_EQ(granted({.last_resort = true}).why, reason::preferred);
  fail(failure_kind::server_error);
  EXPECT_EQ(granted({.last_resort = true}).why, reason::last_resort);
}

TEST_F(health_test, marks_leases_for_a_model_that_failed_a_moment_ago) {
  EXPECT_FALSE(granted().troubled);
  fail(failure_kind::connect);
  EXPECT_TRUE(granted().troubled);
  EXPECT_FALSE(granted({.upstream_model = "another"}).troubled);
  pass(10s);
  EXPECT_FALSE(granted().troubled);
  fail(failure_kind::rate_limited);
  pass(30s);
  EXPECT_FALSE(granted({.last_resort = true}).troubled) << "that was the credential's";
}

TEST_F(health_test, lets_one_probe_through_and_closes_on_its_success) {
  fail(failure_kind::connect, 5);
  pass(5s);
  const auto probe = granted();
  EXPECT_EQ(acquire().refused.why, reason::breaker_open);
  end(probe);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, takes_any_answer_as_a_sign_of_life) {
  fail(failure_kind::connect, 5);
  pass(5s);
  auto refused = failure(failure_kind::client_error);
  refused.http_status = 400;
  end(granted(), refused);
  EXPECT_EQ(view().state, health_state::ok);
}

TEST_F(health_test, learns_nothing_from_a_neutral_outcome_but_frees_the_probe) {
  for (auto i = 0; i < 9; ++i)
    end(granted(), failure(failure_kind::unauthorized), true);
  EXPECT_TRUE(acquire().granted);
  fail(failure_kind::connect, 5);
  pass(5s);
  end(granted(), std::nullopt, true);
  EXPECT_EQ(view().state, health_state::half_open);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, chooses_among_credentials_by_what_is_known_of_them) {
  credentials = {{.id = {"off"}, .enabled = false},
                 {.id = {"bad"}, .invalid_reason = "refused"},
                 {.id = {"old"}, .expires_at = now.wall},
                 {.id = {"good"}, .expires_at = now.wall + 1h}};
  EXPECT_EQ(granted().credential, credential_id{"good"});
  EXPECT_EQ(granted({.preferred = {"bad"}}).credential, credential_id{"good"});
  EXPECT_EQ(acquire({.excluded = {{"good"}}}).refused.why, reason::already_failed);
  fail(failure_kind::rate_limited);
  EXPECT_EQ(acquire().refused.why, reason::credential_cooling);
  credentials.pop_back();
  EXPECT_EQ(acquire().refused.why, reason::credential_invalid);
  credentials.resize(1);
  EXPECT_EQ(acquire().refused.why, reason::no_credential);
  credentials.clear();
  EXPECT_EQ(acquire().refused.why, reason::no_credential);
}

TEST_F(health_test, prefers_the_sessions_credential_and_spreads_the_others) {
  credentials = {{.id = {"a"}}, {.id = {"b"}}, {.id = {"c"}}};
  auto used = std::map<std::string, int>{};
  for (auto i = 0; i < 300; ++i) {
    const auto request = request_id{"rq_" + std::to_string(i)};
    EXPECT_EQ(granted({.request = request, .preferred = {"b"}}).credential, credential_id{"b"});
    const auto first = granted({.request = request}).credential;
    EXPECT_EQ(granted({.request = request}).credential, first);
    ++used[first.text];
  }
  for (const auto& [id, count] : used)
    EXPECT_NEAR(count, 100, 35) << id;
}

TEST_F(health_test, benches_one_credential_and_tells_why) {
  credentials = {{.id = {"a"}}, {.id = {"b"}}};
  const auto effect = end(granted({.preferred = {"a"}}), failure(failure_kind::unauthorized));
  EXPECT_TRUE(effect.changed);
  EXPECT_EQ(effect.benched, credential_id{"a"});
  EXPECT_EQ(effect.bench_reason, "the upstream's words");
  EXPECT_EQ(granted({.preferred = {"a"}}).credential, credential_id{"b"});
  EXPECT_EQ(view().state, health_state::ok) << "the other one works";
  EXPECT_TRUE(end(granted(), failure(failure_kind::billing)).benched);
  EXPECT_EQ(view().state, health_state::invalid);
}

TEST_F(health_test, restores_a_benched_credential_on_the_operators_word) {
  const auto late = granted();
  fail(failure_kind::unauthorized);
  pass(1h);
  EXPECT_EQ(acquire().refused.why, reason::credential_invalid);
  tested.restore({"cr_1"}, now.steady);
  EXPECT_TRUE(acquire().granted);
  EXPECT_FALSE(end(late, failure(failure_kind::unauthorized)).benched)
      << "an attempt begun before the restoration had the old value";
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, benches_the_value_that_was_refused_and_no_other) {
  credentials = {{.id = {"a"}, .revision = 1}};
  const auto late = granted();
  EXPECT_EQ(end(granted(), failure(failure_kind::unauthorized)).bench_revision, 1u);
  EXPECT_EQ(acquire().refused.why, reason::credential_invalid);
  credentials[0].revision = 2;
  EXPECT_TRUE(acquire().granted);
  EXPECT_FALSE(end(late, failure(failure_kind::unauthorized)).benched) << "it had the old value";
  EXPECT_EQ(end(granted(), failure(failure_kind::unauthorized)).bench_revision, 2u);
  EXPECT_EQ(acquire().refused.why, reason::credential_invalid);
}

TEST_F(health_test, learns_of_a_new_value_nothing_from_attempts_with_an_older_one) {
  credentials = {{.id = {"a"}, .revision = 1}};
  const auto limited = granted(), well = granted();
  credentials[0].revision = 2;
  end(limited, failure(failure_kind::rate_limited, 90s));
  pass(1ms);
  EXPECT_FALSE(tested.would_refuse({.upstream_model = "m"}, credentials, now)) << "a late 429";
  end(granted(), failure(failure_kind::rate_limited));
  pass(10s);
  end(granted(), failure(failure_kind::rate_limited));
  EXPECT_EQ(acquire().refused.wait, 20s);
  tested.alive(well, credentials);
  end(well);
  pass(20s);
  end(granted(), failure(failure_kind::rate_limited));
  EXPECT_EQ(acquire().refused.wait, 40s) << "what the old value was good for heals nothing";
}

TEST_F(health_test, learns_of_a_restored_credential_nothing_from_before) {
  const auto late = granted();
  end(granted(), failure(failure_kind::rate_limited));
  pass(1s);
  tested.restore({"cr_1"}, now.steady);
  end(late, failure(failure_kind::rate_limited, 90s));
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, shows_why_a_credential_is_out_whoever_knows_it) {
  credentials = {{.id = {"a"}, .invalid_reason = "as stored"}, {.id = {"b"}}};
  end(granted(), failure(failure_kind::unauthorized));
  ASSERT_EQ(view().cooldowns.size(), 2u);
  EXPECT_EQ(view().cooldowns[0].detail, "as stored");
  EXPECT_EQ(view().cooldowns[1].detail, "the upstream's words");
}

TEST_F(health_test, heals_a_rate_limited_credential_with_success) {
  for (const auto expected : {10s, 20s, 40s}) {
    end(granted(), failure(failure_kind::rate_limited));
    EXPECT_EQ(acquire().refused.wait, expected);
    pass(expected + 1ms);
  }
  end(granted());
  end(granted(), failure(failure_kind::rate_limited));
  EXPECT_EQ(acquire().refused.wait, 20s);
}

TEST_F(health_test, keeps_a_session_on_one_credential_whatever_the_request) {
  credentials = {{.id = {"a"}}, {.id = {"b"}}, {.id = {"c"}}};
  auto used = std::map<std::string, int>{};
  for (auto seed = std::uint64_t{1}; seed <= 300; ++seed) {
    const auto first = granted({.request = {"rq_1"}, .seed = seed}).credential;
    EXPECT_EQ(granted({.request = {"rq_2"}, .seed = seed}).credential, first);
    const auto without = credential_id{"not there"};
    EXPECT_EQ(granted({.request = {"rq_3"}, .preferred = without, .seed = seed}).credential, first);
    ++used[first.text];
  }
  for (const auto& [id, count] : used)
    EXPECT_NEAR(count, 100, 35) << id;
}

TEST_F(health_test, says_for_how_long_the_wished_credential_is_out) {
  credentials = {{.id = {"a"}},
                 {.id = {"off"}, .enabled = false},
                 {.id = {"bad"}, .invalid_reason = "refused"},
                 {.id = {"b"}}};
  const auto away = [&](const char* wished) {
    return granted({.preferred = {wished}}).preferred_away;
  };
  EXPECT_EQ(away("a"), 0ms);
  EXPECT_EQ(away(""), 0ms);
  EXPECT_EQ(away("off"), milliseconds::max());
  EXPECT_EQ(away("bad"), milliseconds::max());
  EXPECT_EQ(away("deleted"), milliseconds::max());
  EXPECT_EQ(granted({.preferred = {"a"}, .excluded = {{"a"}}}).preferred_away, 0ms)
      << "it failed in this request only";
  end(granted({.preferred = {"a"}}), failure(failure_kind::rate_limited));
  EXPECT_EQ(away("a"), 10s);
  end(granted({.preferred = {"b"}}), failure(failure_kind::unauthorized));
  pass(10s);
  EXPECT_EQ(away("a"), 0ms);
  EXPECT_EQ(away("b"), milliseconds::max());
}

TEST_F(health_test, lets_the_others_come_when_the_probe_begins_to_answer) {
  fail(failure_kind::connect, 5);
  pass(5s);
  const auto probe = granted();
  EXPECT_TRUE(probe.awaited);
  EXPECT_EQ(acquire().refused.why, reason::breaker_open);
  tested.alive(probe, credentials);
  EXPECT_FALSE(granted().awaited);
  EXPECT_EQ(view().state, health_state::ok);
  for (auto i = 0; i < 4; ++i)
    end(granted(), failure(failure_kind::connect));
  end(probe); // it went on for long: its good end is no news
  end(granted(), failure(failure_kind::connect));
  EXPECT_EQ(view().state, health_state::open);
}

TEST_F(health_test, waits_for_a_last_resort_as_for_a_probe) {
  fail(failure_kind::server_error);
  const auto last = granted({.last_resort = true});
  EXPECT_TRUE(last.awaited);
  EXPECT_EQ(acquire().refused.why, reason::cooling);
  pass(1ms);
  tested.alive(last, credentials);
  EXPECT_EQ(acquire().refused.why, reason::cooling) << "it began when the rest did";
  const auto later = granted({.last_resort = true});
  tested.alive(later, credentials);
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, stays_well_when_attempts_that_met_an_outage_tell_of_it_late) {
  auto hung = std::vector<lease>{}; // one each second of an outage of 50 s; their time is up at 60
  for (auto i = 0; i < 50; ++i, pass(1s))
    hung.push_back(granted());
  auto running = std::vector<lease>{}; // begun since, and well; they go on for long
  auto next = hung.begin();
  for (auto i = 50; i < 120; ++i, pass(1s)) {
    if (i >= 60 && next != hung.end())
      end(*next++, failure(failure_kind::first_byte_timeout));
    auto answer = acquire();
    ASSERT_TRUE(answer.granted) << i << " s: " << to_text(answer.refused.why);
    running.push_back(*answer.granted);
    if (running.back().awaited)
      tested.alive(running.back(), credentials);
  }
}

TEST_F(health_test, sees_an_outage_behind_the_streams_that_go_on) {
  auto old = std::vector<lease>{};
  for (auto i = 0; i < 60; ++i)
    old.push_back(granted());
  pass(1s);
  auto sent = 0;
  for (const auto& stream : old) { // one ends well each second; nothing new gets an answer
    end(stream);
    if (const auto answer = acquire(); answer.granted) {
      ++sent;
      pass(500ms);
      end(*answer.granted, failure(failure_kind::connect));
    }
    pass(1s);
  }
  EXPECT_LE(sent, 10);
  EXPECT_NE(view().state, health_state::ok);
}

TEST_F(health_test, rests_once_for_all_that_began_before_the_rest) {
  auto old = std::vector<lease>{};
  for (auto i = 0; i < 60; ++i, pass(1s))
    old.push_back(granted());
  auto rested = 0;
  for (const auto& late : old) {
    end(late, failure(failure_kind::server_error));
    pass(500ms);
    rested += acquire().granted ? 0 : 1;
    pass(500ms);
  }
  EXPECT_EQ(rested, 1);
}

TEST_F(health_test, takes_streams_that_break_off_for_news_however_old_they_are) {
  auto old = std::vector<lease>{};
  for (auto i = 0; i < 9; ++i)
    old.push_back(granted());
  pass(60s);
  end(granted());
  for (auto i = 0; i < 4; ++i)
    end(old[i], failure(failure_kind::cut));
  const auto begins = granted();
  tested.alive(begins, credentials);
  end(old[4], failure(failure_kind::cut));
  EXPECT_EQ(view().state, health_state::open) << "that one begins well says nothing of its end";
  pass(5s);
  end(granted());
  for (auto i = 0; i < 4; ++i)
    end(granted(), failure(failure_kind::cut));
  end(old[5]);
  end(granted(), failure(failure_kind::cut));
  EXPECT_EQ(view().state, health_state::ok) << "a good end between them";
}

TEST_F(health_test, hears_of_a_missing_model_only_what_is_new) {
  const auto late = granted(), old = granted();
  pass(1s);
  end(granted());
  end(late, failure(failure_kind::model_not_found));
  EXPECT_TRUE(acquire().granted) << "it has answered since";
  pass(1s);
  end(granted(), failure(failure_kind::model_not_found));
  end(old);
  EXPECT_EQ(acquire().refused.why, reason::model_absent) << "that was before";
  pass(1s);
  end(granted({.last_resort = true}));
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, learns_nothing_from_counting_tokens) {
  fail(failure_kind::overloaded, 1, 5min);
  pass(1s);
  const auto counted = granted({.last_resort = true, .counts_tokens = true});
  EXPECT_FALSE(counted.awaited);
  tested.alive(counted, credentials);
  EXPECT_EQ(acquire().refused.why, reason::cooling);
  end(counted);
  EXPECT_EQ(acquire().refused.why, reason::cooling);
  tested = channel_health{channel_id{"ch_a"}};
  for (auto i = 0; i < 9; ++i)
    end(granted({.counts_tokens = true}), failure(failure_kind::connect));
  end(granted({.counts_tokens = true}), failure(failure_kind::unauthorized));
  EXPECT_TRUE(acquire().granted);
}

TEST_F(health_test, does_not_spend_the_probe_on_counting_tokens) {
  fail(failure_kind::connect, 5);
  pass(5s);
  const auto counting = granted({.counts_tokens = true});
  EXPECT_FALSE(counting.awaited);
  EXPECT_TRUE(granted().awaited) << "the probe is still to be had";
  end(counting, std::nullopt, true);
}

TEST_F(health_test, forgets_all_failures_when_the_channel_is_repaired) {
  const auto old = granted(), other = granted();
  fail(failure_kind::connect, 5);
  fail(failure_kind::server_error);
  fail(failure_kind::rate_limited);
  pass(1ms);
  tested.restore(now.steady);
  EXPECT_EQ(view().state, health_state::ok);
  EXPECT_EQ(view().in_flight, 2u) << "leases stay out";
  EXPECT_FALSE(granted().troubled);
  end(old, failure(failure_kind::server_error));
  EXPECT_TRUE(acquire().granted) << "it met what was there before";
  tested.alive(other, credentials);
  end(other);
  pass(1ms);
  end(granted(), failure(failure_kind::server_error));
  EXPECT_EQ(acquire().refused.why, reason::cooling);
}

TEST_F(health_test, takes_back_leases_that_are_lost) {
  fail(failure_kind::connect, 5);
  pass(5s);
  const auto probe = granted();
  pass(30min);
  const auto second = granted();
  EXPECT_FALSE(tested.take_lost(now.steady));
  pass(30min);
  EXPECT_EQ(tested.take_lost(now.steady), probe.number);
  EXPECT_FALSE(tested.take_lost(now.steady));
  end(probe, failure(failure_kind::unauthorized));
  EXPECT_EQ(tested.in_flight(), 1u);
  EXPECT_TRUE(acquire().granted);
  end(second);
}

TEST_F(health_test, keeps_leases_that_are_renewed_for_as_long_as_that_goes_on) {
  const auto long_stream = granted(), silent = granted();
  for (auto i = 0; i < 100; ++i, pass(lease_renewal)) {
    tested.renew(long_stream, now.steady);
    if (tested.take_lost(now.steady) == silent.number) {
      EXPECT_EQ(i, 4);
    }
  }
  EXPECT_EQ(tested.in_flight(), 1u);
  pass(46min);
  EXPECT_EQ(tested.take_lost(now.steady), long_stream.number) << "it fell silent, too";
}

TEST_F(health_test, gives_no_lease_while_stopping) {
  const auto out = granted();
  tested.stop();
  EXPECT_EQ(acquire({.last_resort = true}).refused.why, reason::stopping);
  end(out);
  EXPECT_EQ(tested.in_flight(), 0u);
}

TEST_F(health_test, shows_what_rests_and_until_when) {
  EXPECT_EQ(view().state, health_state::ok);
  jitter = 0;
  fail(failure_kind::server_error, 1, 30s);
  jitter = 0.5;
  EXPECT_EQ(view().state, health_state::cooling);
  EXPECT_EQ(view().until, now.wall + 30s);
  fail(failure_kind::connect, 5);
  const auto open = view();
  EXPECT_EQ(open.state, health_state::open);
  ASSERT_EQ(open.breakers.size(), 1u);
  EXPECT_EQ(open.breakers[0].model, "m");
  EXPECT_EQ(open.breakers[0].until, now.wall + 5s);
  ASSERT_EQ(open.cooldowns.size(), 1u);
  EXPECT_EQ(open.cooldowns[0].until, now.wall + 30s);
  pass(6s);
  EXPECT_EQ(view().state, health_state::half_open);
  fail(failure_kind::rate_limited, 1, 60s);
  EXPECT_EQ(view().cooldowns.back().credential, credential_id{"cr_1"});
  EXPECT_EQ(view().cooldowns.back().why, reason::credential_cooling);
}

TEST_F(health_test, keeps_the_last_eight_errors) {
  for (auto i = 0; i < 20; ++i) {
    auto failed = failure(failure_kind::client_error);
    failed.message = std::to_string(i);
    end(granted(), failed);
  }
  const auto errors = view().errors;
  ASSERT_EQ(errors.size(), 8u);
  EXPECT_EQ(errors.front().message, "19");
  EXPECT_EQ(errors.back().message, "12");
  EXPECT_EQ(errors.front().credential, credential_id{"cr_1"});
}

TEST_F(health_test, says_when_its_state_changed) {
  EXPECT_FALSE(end(granted()).changed);
  EXPECT_TRUE(end(granted(), failure(failure_kind::server_error)).changed);
  EXPECT_TRUE(end(granted({.last_resort = true}), failure(failure_kind::rate_limited)).changed);
  pass(11s);
  EXPECT_FALSE(end(granted()).changed);
}

} // namespace
} // namespace axonhub::policy
