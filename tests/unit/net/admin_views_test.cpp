#include <gtest/gtest.h>

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
  auto plan = std::make_shared<policy::explained_plan>();
  for (const auto* id : {"ch_1", "ch_2", "ch_3"})
    plan->plan.candidates.push_back({.channel = {id}, .priority = id[3]});
  plan->outsiders.push_back(
      {.channel = {"ch_4"}, .objections = {policy::reason::channel_disabled}});
  auto& found = r.decisions.emplace_back();
  found.plan = plan;
  found.seed = 42;
  found.refused.push_back(
      {.channel = {"ch_3"}, .why = policy::reason::breaker_open, .wait = milliseconds{7}});
  found.home.emplace().channel.text = "ch_1";
  found.tokens_left = 900;
  found.granted = policy::lease{.channel = {"ch_2"}, .why = policy::reason::moved};
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
  const auto& candidates = shown["decision"]["candidates"];
  ASSERT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[0]["channel"], "ch_1") << "by priority";
  EXPECT_EQ(candidates[0]["reasons"], json::array()) << "not asked in the last step";
  EXPECT_EQ(candidates[1]["reasons"][0], "moved");
  EXPECT_EQ(candidates[2]["verdict"], "refused");
  EXPECT_EQ(candidates[2]["reasons"][0], "breaker_open");
  EXPECT_EQ(candidates[2]["wait_ms"], 7);
  EXPECT_EQ(candidates[3]["reasons"][0], "channel_disabled");
  const auto& step = shown["decision"]["steps"][0];
  EXPECT_EQ(step["home"]["channel_id"], "ch_1");
  EXPECT_EQ(step["seed"], "42");
  ASSERT_EQ(step["candidates"].size(), 3u);
  EXPECT_EQ(step["candidates"][0]["verdict"], "not_asked");
  EXPECT_EQ(step["candidates"][0]["load"], nullptr);
  EXPECT_EQ(step["candidates"][1]["verdict"], "chosen");
  EXPECT_EQ(step["candidates"][2]["reason"], "breaker_open");
  EXPECT_EQ(step["tokens_left"], 900);
  EXPECT_EQ(step["chosen"], "ch_2");
}

TEST(trace_book, groups_records_and_bindings) {
  auto known = policy::catalog_data{};
  known.channels[{"ch_1"}];
  known.credentials[{"cr_1"}];
  auto book = trace_book{known};
  auto kept = store::stored_binding{};
  kept.trace.text = "tr_old";
  kept.project.text = "default";
  kept.external_trace = "before the restart";
  kept.bound.channel.text = "ch_1";
  kept.bound.credential.text = "cr_1";
  kept.name = "claude";
  kept.others.push_back({.model = 7, .name = "gone", .bound = {.channel = {"ch_2"}}});
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
  ASSERT_EQ(old["bindings"].size(), 1u) << "the other one's channel is no more";
  EXPECT_EQ(old["bindings"][0]["model"], "claude");
}

} // namespace
} // namespace axonhub::net
