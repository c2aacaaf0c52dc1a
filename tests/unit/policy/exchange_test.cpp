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
  EXPECT_GE(again.wait, milliseconds{50});
  EXPECT_EQ(e.failed(server_error).what, action::route);
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
