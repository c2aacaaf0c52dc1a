#include "actors/route_walk.hpp"

#include <gtest/gtest.h>

#include <caf/typed_event_based_actor.hpp>
#include <string>

namespace axonhub::actors {
namespace {

using policy::failure_kind;
using policy::reason;
using policy::refusal;
using namespace std::chrono_literals;

// The order of the candidates is their priority, so that these tables need no hashes.
candidate_set candidates_of(const std::vector<std::string>& channels) {
  auto set = std::make_shared<std::vector<route_candidate>>();
  for (const auto& id : channels)
    set->push_back({.what = {.channel = {id},
                             .upstream_model = "model-at-" + id,
                             .priority = static_cast<std::int32_t>(set->size())},
                    .actor = {}});
  return set;
}

route_walk walk_of(const std::vector<std::string>& channels, std::optional<session_home> home = {},
                   std::vector<failed_attempt> failed = {}, bool had_last_resort = false) {
  return route_walk{{.request = {"r"}, .candidates = candidates_of(channels), .failed = failed},
                    {"trace"},
                    std::move(home),
                    had_last_resort};
}

/// Whom a walk asks when everyone refuses with what `refusals` say: "a:bound b:moved".
std::string asked_by(route_walk walk, const std::map<std::string, refusal>& refusals = {}) {
  auto asked = std::string{};
  while (const auto step = walk.next()) {
    const auto& channel = step->to->what.channel;
    asked += (asked.empty() ? "" : " ") + channel.text + ":" + std::string{to_text(step->why)};
    const auto found = refusals.find(channel.text);
    auto why = found == refusals.end() ? refusal{.why = reason::no_credential} : found->second;
    why.channel = channel;
    walk.refuse(why);
  }
  return asked;
}

session_home home_at(std::string channel) {
  return {.channel = {std::move(channel)}, .credential = {"k1"}};
}

refusal resting(milliseconds wait) {
  return {.why = reason::cooling, .wait = wait, .by_health = true};
}

TEST(route_walk, asks_home_first_and_then_in_order) {
  struct {
    std::string_view name;
    std::optional<session_home> home;
    std::vector<failed_attempt> failed;
    std::string expected;
  } cases[] = {
      {"no home", {}, {}, "a:preferred b:moved c:moved"},
      {"home first", home_at("c"), {}, "c:bound a:moved b:moved"},
      {"home is no candidate any more", home_at("x"), {}, "a:preferred b:moved c:moved"},
      {"home failed in this request",
       home_at("c"),
       {{{"c"}, {"k1"}, failure_kind::reset}},
       "a:moved b:moved"},
      {"only home's credential failed",
       home_at("c"),
       {{{"c"}, {"k1"}, failure_kind::unauthorized}},
       "c:bound a:moved b:moved"},
      {"its credential is rate limited",
       home_at("c"),
       {{{"c"}, {"k1"}, failure_kind::rate_limited}},
       "c:bound a:moved b:moved"},
      {"a channel that failed is out",
       {},
       {{{"a"}, {"k1"}, failure_kind::server_error}},
       "b:moved c:moved"},
      {"a refused credential is not the channel's fault",
       {},
       {{{"a"}, {"k1"}, failure_kind::billing}},
       "a:moved b:moved c:moved"},
      {"out for good after both",
       {},
       {{{"a"}, {"k1"}, failure_kind::billing}, {{"a"}, {"k2"}, failure_kind::reset}},
       "b:moved c:moved"},
      {"a third credential comes after the other channels",
       {},
       {{{"a"}, {"k1"}, failure_kind::rate_limited}, {{"a"}, {"k2"}, failure_kind::rate_limited}},
       "b:moved c:moved a:moved"},
      {"also at home",
       home_at("a"),
       {{{"a"}, {"k1"}, failure_kind::rate_limited}, {{"a"}, {"k2"}, failure_kind::rate_limited}},
       "b:moved c:moved a:bound"},
  };
  for (const auto& [name, home, failed, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(asked_by(walk_of({"a", "b", "c"}, home, failed)), expected);
  }
}

TEST(route_walk, calls_a_tentative_home_preferred) {
  auto home = home_at("b");
  home.tentative = true;
  EXPECT_EQ(asked_by(walk_of({"a", "b"}, home)), "b:preferred a:moved");
}

TEST(route_walk, takes_a_home_of_another_model_where_it_is_among_the_first) {
  auto home = home_at("b");
  home.tentative = home.borrowed = true;
  auto alike = std::make_shared<std::vector<route_candidate>>(*candidates_of({"a", "b", "c"}));
  EXPECT_EQ(asked_by(walk_of({"a", "b", "c"}, home)), "a:preferred b:moved c:moved");
  for (auto& c : *alike)
    c.what.priority = 0;
  auto walk = route_walk{{.request = {"r"}, .candidates = alike, .failed = {}}, {"t"}, home, false};
  EXPECT_EQ(asked_by(std::move(walk)).substr(0, 11), "b:preferred");
}

TEST(route_walk, asks_the_channels_that_rest_once_more_in_the_order_of_their_recovery) {
  struct {
    std::string_view name;
    std::map<std::string, refusal> refusals;
    bool had_last_resort;
    std::string expected;
  } cases[] = {
      {"the shortest rest",
       {{"a", resting(9s)}, {"b", resting(3s)}, {"c", resting(5s)}},
       false,
       "a:preferred b:moved c:moved b:last_resort c:last_resort a:last_resort"},
      {"an unknown rest comes last",
       {{"a", resting(0s)}, {"b", resting(3s)}, {"c", resting(5s)}},
       false,
       "a:preferred b:moved c:moved b:last_resort c:last_resort a:last_resort"},
      {"only unknown rests",
       {{"b", resting(0s)}},
       false,
       "a:preferred b:moved c:moved b:last_resort"},
      {"what the upstream said stands", {}, false, "a:preferred b:moved c:moved"},
      {"once in a request's life", {{"a", resting(9s)}}, true, "a:preferred b:moved c:moved"},
  };
  for (const auto& [name, refusals, had, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(asked_by(walk_of({"a", "b", "c"}, {}, {}, had), refusals), expected);
  }
}

TEST(route_walk, never_takes_a_failed_channel_as_last_resort) {
  const auto failed = std::vector<failed_attempt>{{{"a"}, {"k1"}, failure_kind::server_error}};
  EXPECT_EQ(asked_by(walk_of({"a"}, {}, failed), {{"a", resting(1s)}}), "");
}

TEST(route_walk, asks_for_the_home_credential_and_leaves_failed_ones_out) {
  auto walk = walk_of({"a", "b"}, home_at("b"), {{{"b"}, {"k2"}, failure_kind::billing}});
  const auto at_home = walk.next();
  ASSERT_TRUE(at_home);
  EXPECT_EQ(at_home->question.preferred, credential_id{"k1"});
  EXPECT_EQ(at_home->question.excluded, std::vector<credential_id>{{"k2"}});
  EXPECT_EQ(at_home->question.upstream_model, "model-at-b");
  walk.refuse({.channel = {"b"}});
  const auto elsewhere = walk.next();
  ASSERT_TRUE(elsewhere);
  EXPECT_TRUE(elsewhere->question.preferred.empty());
  EXPECT_TRUE(elsewhere->question.excluded.empty());
}

TEST(route_walk, tells_every_refusal_once) {
  auto walk = walk_of({"a", "b", "c"}, {}, {{{"c"}, {"k1"}, failure_kind::reset}});
  while (const auto step = walk.next())
    walk.refuse({.channel = step->to->what.channel,
                 .why = reason::cooling,
                 .wait = step->to->what.channel.text == "a" ? 2s : 4s,
                 .by_health = true});
  auto told = std::string{};
  for (const auto& r : walk.refused())
    told += r.channel.text + ":" + std::string{to_text(r.why)} + " ";
  EXPECT_EQ(told, "c:already_failed a:cooling b:cooling ");
}

TEST(route_walk, orders_by_dice_without_a_session) {
  auto set = std::make_shared<std::vector<route_candidate>>();
  for (const auto* id : {"a", "b"})
    set->push_back({.what = {.channel = {id}}, .actor = {}});
  auto first = std::set<std::string>{};
  for (auto dice = std::uint64_t{0}; dice < 64; ++dice) {
    auto walk = route_walk{
        {.request = {"r"}, .candidates = set, .failed = {}, .dice = dice}, {}, {}, false};
    first.insert(walk.next()->to->what.channel.text);
  }
  EXPECT_EQ(first, (std::set<std::string>{"a", "b"}));
}

// "big" at a and b, then "small" at b and c.
route_walk chain_walk(std::optional<session_home> home, std::vector<failed_attempt> failed = {}) {
  auto set = std::make_shared<std::vector<route_candidate>>();
  auto add = [&](const char* channel, const char* model, std::uint32_t fallback) {
    set->push_back({.what = {.channel = {channel},
                             .upstream_model = model,
                             .fallback = fallback,
                             .priority = static_cast<std::int32_t>(set->size())},
                    .actor = {}});
  };
  add("a", "big", 0);
  add("b", "big", 0);
  add("b", "small", 1);
  add("c", "small", 1);
  return route_walk{{.request = {"r"}, .candidates = set, .failed = std::move(failed)},
                    {"trace"},
                    std::move(home),
                    true};
}

TEST(route_walk, tries_the_next_model_of_a_chain_when_none_can_serve_the_one_before) {
  EXPECT_EQ(asked_by(chain_walk({})), "a:preferred b:moved b:moved c:moved");
  EXPECT_EQ(asked_by(chain_walk(home_at("b"))), "b:bound a:moved b:bound c:moved");
  // At home is only the fallback: the wanted model comes first, and home first among the rest.
  EXPECT_EQ(asked_by(chain_walk(home_at("c"))), "a:preferred b:moved c:bound b:moved");
}

TEST(route_walk, may_ask_a_channel_for_another_model_when_only_the_first_was_refused) {
  auto failed = [](failure_kind kind) {
    return std::vector<failed_attempt>{{{"b"}, {"k1"}, kind, "big"}};
  };
  EXPECT_EQ(asked_by(chain_walk({}, failed(failure_kind::model_not_found))),
            "a:moved b:moved c:moved");
  EXPECT_EQ(asked_by(chain_walk({}, failed(failure_kind::overloaded))), "a:moved b:moved c:moved");
  EXPECT_EQ(asked_by(chain_walk({}, failed(failure_kind::connect))), "a:moved c:moved");
  // It stays the session's own.
  EXPECT_EQ(asked_by(chain_walk(home_at("b"), failed(failure_kind::model_not_found))),
            "a:moved b:bound c:moved");
}

// Each model at c and at home, where the last one is reached after two failures.
TEST(route_walk, stays_at_home_for_the_third_model_of_a_chain) {
  auto set = std::make_shared<std::vector<route_candidate>>();
  for (const auto* model : {"big", "middle", "small"})
    for (const auto* channel : {"c", "home"})
      set->push_back({.what = {.channel = {channel},
                               .upstream_model = model,
                               .fallback = static_cast<std::uint32_t>(set->size() / 2)},
                      .actor = {}});
  auto failed = std::vector<failed_attempt>{};
  for (const auto* model : {"big", "middle"})
    for (const auto* channel : {"home", "c"})
      failed.push_back({{channel}, {"k1"}, failure_kind::overloaded, model});
  const auto walk = route_walk{
      {.request = {"r"}, .candidates = set, .failed = failed}, {"trace"}, home_at("home"), true};
  EXPECT_EQ(asked_by(walk), "home:bound c:moved");
}

TEST(route_walk, lets_a_borrowed_home_lead_no_channel_of_higher_rank) {
  auto set = std::make_shared<std::vector<route_candidate>>();
  auto add = [&](const char* channel, const char* model, std::uint32_t fallback, int priority) {
    set->push_back({.what = {.channel = {channel},
                             .upstream_model = model,
                             .fallback = fallback,
                             .priority = priority},
                    .actor = {}});
  };
  add("b", "big", 0, 5);
  add("b", "small", 1, 5);
  add("c", "small", 1, 0);
  auto home = home_at("b");
  home.tentative = home.borrowed = true;
  const auto walk = route_walk{{.request = {"r"},
                                .candidates = set,
                                .failed = {{{"b"}, {"k1"}, failure_kind::model_not_found, "big"}}},
                               {"trace"},
                               home,
                               true};
  EXPECT_EQ(asked_by(walk), "c:moved b:preferred");
}

TEST(route_walk, still_has_its_last_resort_when_all_that_was_admitted_has_failed) {
  const auto failed = std::vector<failed_attempt>{{{"a"}, {"k1"}, failure_kind::server_error},
                                                  {{"b"}, {"k1"}, failure_kind::connect}};
  EXPECT_EQ(asked_by(walk_of({"a", "b", "c", "d"}, {}, failed),
                     {{"a", resting(1s)}, {"c", resting(9s)}, {"d", resting(4s)}}),
            "c:moved d:moved d:last_resort c:last_resort");
}

TEST(route_walk, takes_the_next_last_resort_where_the_first_has_no_place) {
  auto walk = walk_of({"a", "b"});
  auto asked = std::string{};
  while (const auto step = walk.next()) {
    const auto& channel = step->to->what.channel;
    asked += channel.text + (step->question.last_resort ? "! " : " ");
    if (channel.text == "b" && step->question.last_resort)
      break; // it grants one
    auto why = step->question.last_resort ? refusal{.why = reason::full}
                                          : resting(channel.text == "a" ? 1s : 3s);
    why.channel = channel;
    walk.refuse(why);
  }
  EXPECT_EQ(asked, "a b a! b! ");
}

/// Whom a walk asks, with a * where it would wait, when every channel is full.
std::string asked_when_full(route_walk walk) {
  auto asked = std::string{};
  while (const auto step = walk.next()) {
    const auto& channel = step->to->what.channel;
    asked += channel.text + (step->question.may_wait ? "* " : " ");
    walk.refuse({.channel = channel, .why = reason::full});
  }
  return asked;
}

TEST(route_walk, waits_at_home_and_elsewhere_only_when_all_are_full) {
  EXPECT_EQ(asked_when_full(walk_of({"a", "b", "c"})), "a b c a* ");
  EXPECT_EQ(asked_when_full(walk_of({"a", "b", "c"}, home_at("b"))), "b* a c ");
}

TEST(route_walk, goes_to_the_less_loaded_of_two_without_a_session) {
  auto both = std::make_shared<std::vector<route_candidate>>(*candidates_of({"a", "b"}));
  for (auto& c : *both) {
    c.what.priority = 0;
    c.load = std::make_shared<std::atomic<std::uint32_t>>(c.what.channel.text == "a" ? 9u : 1u);
  }
  for (auto dice = std::uint64_t{0}; dice < 20; ++dice) {
    const auto wanted =
        route_request{.request = {"r"}, .candidates = both, .failed = {}, .dice = dice};
    EXPECT_EQ(route_walk(wanted, {}, {}, false).next()->to->what.channel.text, "b");
  }
}

} // namespace
} // namespace axonhub::actors
