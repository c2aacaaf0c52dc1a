#include <gtest/gtest.h>

#include "net/admin/live_verdict.hpp"
#include "net/admin/probe.hpp"
#include "net/admin/trace_book.hpp"
#include "net/admin/views.hpp"
#include "net/record_json.hpp"

namespace axonhub::net {
namespace {

constexpr auto now = wall_time{std::chrono::hours{24 * 365}};

policy::request_record record_of(std::string id, std::string trace, policy::request_status status) {
  auto r = policy::request_record{};
  r.id.text = std::move(id);
  r.trace.text = std::move(trace);
  r.external_trace = "session";
  r.project.text = "default";
  r.at = now;
  r.duration = milliseconds{100};
  r.status = status;
  r.requested_model = "m";
  r.tokens.input = 10;
  r.tokens.cache_read = 30;
  r.tokens.seen = true;
  return r;
}

TEST(request_record, is_shown_with_its_attempts_and_decision) {
  auto r = record_of("rq_1", "tr_1", policy::request_status::completed);
  auto& first = r.attempts.emplace_back();
  first.channel.text = "ch_1";
  first.failed = policy::attempt_failure{};
  first.failed->kind = policy::failure_kind::overloaded;
  first.failed->message = "busy \xff";
  auto& second = r.attempts.emplace_back();
  second.channel.text = "ch_2";
  second.why = policy::reason::moved;
  second.committed = true;
  auto& refused = r.refusals.emplace_back();
  refused.channel.text = "ch_3";
  refused.why = policy::reason::breaker_open;
  const auto shown = json::parse(to_json_text(r));
  EXPECT_EQ(shown["id"], "rq_1");
  EXPECT_EQ(shown["channel"], "ch_2");
  EXPECT_EQ(shown["status"], "completed");
  EXPECT_EQ(shown["usage"]["cache_read_tokens"], 30);
  EXPECT_EQ(shown["cost"], nullptr);
  EXPECT_EQ(shown["attempts"].size(), 2u);
  EXPECT_EQ(shown["attempts"][0]["reason"], "overloaded");
  EXPECT_EQ(shown["attempts"][1]["outcome"], "ok");
  EXPECT_EQ(shown["decision"]["chosen"], "ch_2");
  EXPECT_EQ(shown["decision"]["why"], "moved");
  EXPECT_EQ(shown["decision"]["candidates"][2]["reasons"][0], "breaker_open");
}

TEST(trace_book, groups_records_and_bindings) {
  auto book = trace_book{};
  auto kept = store::stored_binding{};
  kept.trace.text = "tr_old";
  kept.project.text = "default";
  kept.external_trace = "before the restart";
  kept.bound.channel.text = "ch_1";
  book.add(kept);
  auto live = actors::trace_view{};
  live.key = {{"tr_1"}, {"default"}, "session"};
  live.in_flight = 1;
  live.moves = 2;
  book.add(live);
  book.add(record_of("rq_1", "tr_1", policy::request_status::completed));
  book.add(record_of("rq_2", "tr_1", policy::request_status::failed));
  book.add(record_of("rq_3", "", policy::request_status::completed));
  ASSERT_EQ(book.traces().size(), 2u);
  const auto one = to_json(book.traces().at({"tr_1"}));
  EXPECT_EQ(one["requests"], 2);
  EXPECT_EQ(one["failed"], 1);
  EXPECT_EQ(one["in_progress"], 1);
  EXPECT_EQ(one["moves"], 2);
  EXPECT_EQ(one["cache_read_share"], 0.75);
  EXPECT_EQ(one["binding"], nullptr);
  const auto old = to_json(book.traces().at({"tr_old"}));
  EXPECT_EQ(old["external_id"], "before the restart");
  EXPECT_EQ(old["binding"]["channel_id"], "ch_1");
}

TEST(masked, hides_the_secret_and_what_looks_like_one) {
  const auto key = secret{"my-own-secret"};
  EXPECT_EQ(masked("key my-own-secret and my-own-secret", key), "key *** and ***");
  EXPECT_EQ(masked("x sk-ant-REDACTED y", key), "x sk-*** y");
  EXPECT_EQ(masked("Bearer abcdefghijklmnop", key), "Bearer ***");
  EXPECT_EQ(masked("task-list sk-short", key), "task-list sk-short");
}

/// A catalog of three enabled channels for the model "m", each with one credential.
policy::catalog_data three_channels() {
  auto data = policy::catalog_data{};
  for (const auto* name : {"a", "b", "c"}) {
    auto c = policy::channel{};
    c.id.text = name;
    c.name = name;
    c.type = "anthropic";
    c.status = policy::channel_status::enabled;
    c.supported_models = {"m"};
    c.priority = name[0];
    auto key = policy::credential{};
    key.id.text = std::string{"cr_"} + name;
    key.channel = c.id;
    key.value = secret{"value"};
    data.credentials.emplace(key.id, std::move(key));
    data.channels.emplace(c.id, std::move(c));
  }
  return data;
}

std::string order_of(const std::vector<live_verdict>& verdicts) {
  auto out = std::string{};
  for (const auto& v : verdicts)
    out += v.is_eligible() ? v.channel.text : "-";
  return out;
}

TEST(judge_live, adds_health_and_affinity_to_the_plan) {
  const auto known = policy::catalog{three_channels(), secret{std::string(32, 'k')}};
  auto asked = policy::route_question{};
  asked.model = "m";
  auto health = std::map<channel_id, policy::health_view>{{{"a"}, {}}, {{"b"}, {}}, {{"c"}, {}}};
  auto bound = std::optional<policy::binding>{};
  EXPECT_EQ(order_of(judge_live(known, asked, health, bound, {}, now)), "abc");
  EXPECT_EQ(order_of(judge_live(known, asked, health, bound, {"a"}, now)), "-bc");
  bound.emplace().channel.text = "c";
  EXPECT_EQ(order_of(judge_live(known, asked, health, bound, {}, now)), "cab");
  auto& rest = health[{"c"}].cooldowns.emplace_back();
  rest.model = "m";
  rest.why = policy::reason::cooling;
  rest.until = now + milliseconds{5};
  EXPECT_EQ(order_of(judge_live(known, asked, health, bound, {}, now)), "ab-");
  for (const auto* name : {"a", "b"}) {
    auto& more = health[{name}].breakers.emplace_back();
    more.model = "m";
    more.why = policy::reason::breaker_open;
    more.until = now + milliseconds{50};
  }
  const auto last = judge_live(known, asked, health, bound, {}, now);
  ASSERT_EQ(last.front().channel.text, "c");
  EXPECT_TRUE(last.front().is_eligible());
  EXPECT_EQ(last.front().praise.back(), policy::reason::last_resort);
}

TEST(judge_live, names_what_is_wrong_with_credentials) {
  auto data = three_channels();
  data.credentials.at({"cr_a"}).enabled = false;
  data.credentials.at({"cr_b"}).invalid_reason = "HTTP 401";
  const auto known = policy::catalog{std::move(data), secret{std::string(32, 'k')}};
  auto asked = policy::route_question{};
  asked.model = "m";
  auto health = std::map<channel_id, policy::health_view>{{{"a"}, {}}, {{"b"}, {}}, {{"c"}, {}}};
  auto& rest = health[{"c"}].cooldowns.emplace_back();
  rest.credential.text = "cr_c";
  rest.why = policy::reason::credential_cooling;
  const auto verdicts = judge_live(known, asked, health, {}, {}, now);
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts[0].objections, std::vector{policy::reason::no_credential});
  EXPECT_EQ(verdicts[1].objections, std::vector{policy::reason::credential_invalid});
  EXPECT_EQ(verdicts[2].objections, std::vector{policy::reason::credential_cooling});
}

} // namespace
} // namespace axonhub::net
