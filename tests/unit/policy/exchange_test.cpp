#include "policy/exchange.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

exchange leased_exchange(reason why = reason::preferred) {
  auto e = exchange{{}, true, 7};
  e.leased({.channel = {"a"}, .credential = {"k"}, .upstream_model = "m", .why = why});
  return e;
}

constexpr auto server_error = attempt_failure{.kind = failure_kind::server_error};

TEST(exchange, retries_at_the_same_channel_once_with_leave) {
  auto e = leased_exchange();
  const auto again = e.failed(server_error);
  EXPECT_EQ(again.what, action::attempt);
  EXPECT_GE(again.wait, milliseconds{20});
  EXPECT_LE(again.wait, milliseconds{80}) << "a client waits for it";
  EXPECT_EQ(e.failed(server_error).what, action::route);
}

TEST(exchange, waits_as_long_as_told_and_a_little_more) {
  auto e = leased_exchange();
  const auto again =
      e.failed({.kind = failure_kind::server_error, .retry_after = milliseconds{1500}});
  EXPECT_EQ(again.what, action::attempt);
  EXPECT_GT(again.wait, milliseconds{1500}) << "or all who were told would come at once";
}

TEST(exchange, tries_again_at_once_what_could_not_be_reached) {
  for (const auto kind : {failure_kind::connect, failure_kind::reset}) {
    auto e = leased_exchange();
    const auto again = e.failed({.kind = kind});
    EXPECT_EQ(again.what, action::attempt);
    EXPECT_EQ(again.wait, milliseconds{0});
  }
}

TEST(exchange, tries_the_same_channel_again_only_once_in_a_request) {
  auto e = leased_exchange();
  auto attempts = 1;
  for (auto channels = 1; channels < 3; ++channels) {
    auto next = e.failed(server_error);
    for (; next.what == action::attempt; next = e.failed(server_error))
      ++attempts;
    ASSERT_EQ(next.what, action::route) << "a third channel may be well";
    e.leased({.channel = {"another"}});
    ++attempts;
  }
  EXPECT_EQ(attempts, 4);
  EXPECT_EQ(e.attempts(), 4u);
}

TEST(exchange, goes_nowhere_else_when_the_requests_time_is_over) {
  auto e = leased_exchange();
  e.run_out_of_time();
  const auto last = e.failed({.kind = failure_kind::total_timeout});
  EXPECT_EQ(last.what, action::own_error);
  EXPECT_EQ(last.error, llm::client_error::timeout);
}

TEST(exchange, moves_when_only_the_attempts_time_is_over) {
  auto e = leased_exchange();
  EXPECT_EQ(e.failed({.kind = failure_kind::total_timeout}).what, action::route);
}

TEST(exchange, says_overloaded_and_when_to_come_again_where_nobody_could_be_reached) {
  for (const auto kind : {failure_kind::connect, failure_kind::reset, failure_kind::resolve,
                          failure_kind::tls, failure_kind::stale_connection}) {
    auto e = leased_exchange(reason::last_resort);
    for (auto i = 0; i < 3 && e.failed({.kind = kind}, false).what == action::attempt; ++i)
      continue;
    const auto last = e.refused({});
    EXPECT_EQ(last.error, llm::client_error::overloaded) << to_text(kind);
    EXPECT_GE(last.retry_after.value_or(milliseconds{0}), milliseconds{1000});
  }
}

TEST(exchange, tells_the_shortest_wait_that_any_upstream_told) {
  auto e = leased_exchange();
  e.failed({.kind = failure_kind::rate_limited, .retry_after = milliseconds{5000}});
  for (auto i = 0; i < 3; ++i) {
    e.leased({.channel = {"b"}});
    const auto next =
        e.failed({.kind = failure_kind::rate_limited, .retry_after = milliseconds{60'000}});
    if (i == 2) {
      EXPECT_EQ(next.retry_after, milliseconds{5000});
    }
  }
}

TEST(exchange, ends_a_stream_with_the_error_that_it_told_itself) {
  for (const auto kind : {failure_kind::stream_error, failure_kind::cut}) {
    auto e = leased_exchange();
    e.event(llm::event_kind::content, "x");
    const auto last = e.failed({.kind = kind, .told = llm::upstream_failure{}});
    EXPECT_EQ(last.what, action::error_event);
    EXPECT_EQ(last.told.has_value(), kind == failure_kind::stream_error);
  }
}

TEST(exchange, repeats_what_the_upstream_said_of_the_request) {
  const auto told =
      llm::upstream_failure{llm::upstream_trouble::context_overflow, "prompt is too long: 9 > 8"};
  for (const auto opened : {false, true}) {
    auto e = leased_exchange();
    if (opened)
      e.opened();
    const auto last = e.failed({.kind = failure_kind::client_error, .told = told});
    EXPECT_EQ(last.what, opened ? action::error_event : action::own_error);
    EXPECT_EQ(last.error, llm::client_error::invalid_request);
    ASSERT_TRUE(last.told);
    EXPECT_EQ(last.told->message, told.message);
    EXPECT_EQ(last.told->trouble, told.trouble);
  }
}

TEST(exchange, names_to_clients_nothing_on_the_way_to_an_upstream) {
  for (const auto kind : {failure_kind::resolve, failure_kind::address_refused,
                          failure_kind::connect, failure_kind::tls}) {
    auto e = leased_exchange(reason::last_resort);
    e.failed({.kind = kind, .message = "inner.example has no address"}, false);
    const auto last = e.failed({.kind = kind, .message = "inner.example has no address"}, false);
    const auto told = last.message.empty() ? e.refused({}).message : last.message;
    EXPECT_EQ(told.find("inner.example"), std::string::npos) << told;
  }
}

TEST(exchange, holds_what_repeats_the_request_twice) {
  auto e = leased_exchange();
  const auto largest = std::string(4 << 20, 'x');
  for (auto i = 0; i < 2; ++i)
    EXPECT_EQ(e.event(llm::event_kind::other, largest), verdict::hold);
  EXPECT_FALSE(e.overflows());
  EXPECT_EQ(e.held_size(), 2 * largest.size());
  e.event(llm::event_kind::other, "x");
  EXPECT_TRUE(e.overflows());
}

TEST(exchange, holds_few_pings) {
  auto e = leased_exchange();
  for (auto i = 0; i < 100'000; ++i)
    e.event(llm::event_kind::ping, ": ping\n\n");
  EXPECT_LT(e.held_size(), 64u * 1024);
}

TEST(exchange, moves_at_once_without_leave) {
  auto e = leased_exchange();
  EXPECT_EQ(e.failed(server_error, false).what, action::route);
}

TEST(exchange, tries_a_last_resort_once) {
  auto e = leased_exchange(reason::last_resort);
  EXPECT_EQ(e.failed(server_error).what, action::route);
}

TEST(exchange, needs_leave_only_to_move_to_what_has_just_failed) {
  auto e = exchange{{}, true, 7};
  const auto well = lease{.channel = {"b"}};
  const auto troubled = lease{.channel = {"c"}, .troubled = true};
  const auto last = lease{.channel = {"d"}, .why = reason::last_resort, .troubled = true};
  EXPECT_FALSE(e.needs_leave(troubled)) << "the first attempt";
  EXPECT_FALSE(e.needs_leave(last));
  e.leased({.channel = {"a"}});
  e.failed(server_error, false);
  EXPECT_FALSE(e.needs_leave(well));
  EXPECT_TRUE(e.needs_leave(troubled));
  EXPECT_FALSE(e.needs_leave(last)) << "health alone leaves nobody without an attempt";
}

TEST(exchange, needs_no_leave_after_a_stale_connection) {
  auto e = leased_exchange();
  const auto again = e.failed({.kind = failure_kind::stale_connection}, false);
  EXPECT_EQ(again.what, action::attempt);
  EXPECT_TRUE(again.fresh_connection);
}

constexpr auto bad_signature = attempt_failure{.kind = failure_kind::signature, .http_status = 400};

TEST(exchange, leaves_out_thinking_once_when_another_account_may_have_signed_it) {
  auto e = exchange{{}, true, 7};
  e.leased({.channel = {"a"}}, true);
  const auto again = e.failed(bad_signature);
  EXPECT_EQ(again.what, action::attempt);
  EXPECT_TRUE(again.without_thinking);
  EXPECT_EQ(e.attempts(), 2u);
  EXPECT_EQ(e.failed(bad_signature).what, action::relay_error) << "what is left was refused, too";
}

TEST(exchange, relays_a_refused_signature_that_the_channel_made_itself) {
  auto e = exchange{{}, true, 7};
  e.leased({.channel = {"a"}});
  EXPECT_EQ(e.failed(bad_signature).what, action::relay_error);
}

TEST(exchange, tells_what_cannot_be_converted_as_the_clients_mistake) {
  auto e = exchange{{}, true, 7};
  e.leased({.channel = {"a"}});
  const auto why = attempt_failure{.kind = failure_kind::unconvertible, .message = "n: must be 1"};
  EXPECT_EQ(e.failed(why).what, action::route) << "another channel may speak the client's dialect";
  const auto last = e.refused({{.channel = {"a"}, .why = reason::already_failed}});
  EXPECT_EQ(last.what, action::own_error);
  EXPECT_EQ(last.error, llm::client_error::invalid_request);
  EXPECT_EQ(last.message, "n: must be 1");
}

} // namespace
} // namespace axonhub::policy
