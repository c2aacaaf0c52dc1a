#include "policy/explain.hpp"

#include <gtest/gtest.h>

#include "policy/affinity.hpp"
#include "policy/profiles.hpp"

namespace axonhub::policy {
namespace {

channel channel_of(std::string_view id, std::vector<std::string> tags = {}) {
  auto c = channel{};
  c.id = {std::string{id}};
  c.name = id;
  c.type = "anthropic";
  c.status = channel_status::enabled;
  c.supported_models = {"m"};
  c.tags = std::move(tags);
  return c;
}

catalog catalog_with(std::vector<channel> channels) {
  auto data = catalog_data{};
  for (auto& c : channels)
    data.channels.emplace(c.id, c);
  return catalog{std::move(data), secret{"k"}};
}

/// A plan's candidates in the order of trying.
std::vector<candidate> planned(const catalog& known, const route_question& asked) {
  const auto plan = plan_route(known, asked);
  auto ordered = std::vector<candidate>{};
  for (const auto i : order(plan.candidates, seed_of(asked)))
    ordered.push_back(plan.candidates[i]);
  return ordered;
}

TEST(allows_channel, takes_ids_and_tags_together_as_a_union) {
  using ids = std::vector<channel_id>;
  using tags = std::vector<std::string>;
  struct {
    std::string_view name;
    ids channels;
    tags wanted;
    tag_match match;
    tags has;
    bool expected;
  } cases[] = {
      {"no limit", {}, {}, tag_match::any, {}, true},
      {"no limit, whatever the match", {}, {}, tag_match::all, {"x"}, true},
      {"by id", {{"ch_a"}}, {}, tag_match::any, {}, true},
      {"by another id", {{"ch_b"}}, {}, tag_match::any, {"x"}, false},
      {"another id and empty tags that none would match",
       {{"ch_b"}},
       {},
       tag_match::none,
       {},
       false},
      {"by id or tag", {{"ch_b"}}, {"x"}, tag_match::any, {"x"}, true},
      {"by id though the tags do not match", {{"ch_a"}}, {"x"}, tag_match::any, {}, true},
      {"any: one of two", {}, {"x", "y"}, tag_match::any, {"y"}, true},
      {"any: none of two", {}, {"x", "y"}, tag_match::any, {"z"}, false},
      {"all: both", {}, {"x", "y"}, tag_match::all, {"y", "x", "z"}, true},
      {"all: one of two", {}, {"x", "y"}, tag_match::all, {"x"}, false},
      {"none: without them", {}, {"x"}, tag_match::none, {"z"}, true},
      {"none: with one", {}, {"x", "y"}, tag_match::none, {"y"}, false},
  };
  for (const auto& [name, channels, wanted, match, has, expected] : cases) {
    SCOPED_TRACE(name);
    auto p = profile{};
    p.channel_ids = channels;
    p.channel_tags = wanted;
    p.channel_tags_match = match;
    EXPECT_EQ(allows_channel(p, channel_of("ch_a", has)), expected);
  }
}

TEST(plan_route, leaves_out_what_the_profile_rules_out) {
  const auto known = catalog_with({channel_of("ch_a"), channel_of("ch_b", {"fast"})});
  auto worn = profile{};
  EXPECT_EQ(planned(known, {.model = "m"}).size(), 2u);
  EXPECT_EQ(planned(known, {.model = "m", .worn = &worn}).size(), 2u);
  EXPECT_TRUE(planned(known, {.model = "other"}).empty());
  worn.channel_tags = {"fast"};
  const auto fast = planned(known, {.model = "m", .worn = &worn});
  ASSERT_EQ(fast.size(), 1u);
  EXPECT_EQ(fast[0].channel, channel_id{"ch_b"});
  worn.model_ids = {"another"};
  EXPECT_TRUE(planned(known, {.model = "m", .worn = &worn}).empty());
  worn.model_ids.push_back("m");
  EXPECT_EQ(planned(known, {.model = "m", .worn = &worn}).size(), 1u);
}

TEST(plan_route, orders_by_the_trace_or_by_chance) {
  const auto known = catalog_with({channel_of("ch_a"), channel_of("ch_b"), channel_of("ch_c")});
  const auto& listed = known.serving("m");
  for (auto i = 0; i < 50; ++i) {
    const auto trace = "tr_" + std::to_string(i);
    const auto plan = planned(known, {.model = "m", .trace = trace, .random = 1});
    EXPECT_EQ(plan[0].channel, listed[order(listed, trace)[0]].channel);
    const auto random = static_cast<std::uint64_t>(i);
    const auto untraced = planned(known, {.model = "m", .random = random});
    EXPECT_EQ(untraced[0].channel, listed[order(listed, random)[0]].channel);
  }
}

// Two channels: "ch_big" serves only the first model of the chain, "ch_both" both.
catalog catalog_with_a_chain() {
  auto data = catalog_data{};
  for (const auto* id : {"ch_big", "ch_both"}) {
    auto c = channel_of(id);
    c.supported_models = {"big"};
    if (c.id.text == "ch_both")
      c.supported_models.push_back("small");
    data.channels.emplace(c.id, c);
  }
  auto p = profile{};
  p.id = {"prf_1"};
  p.model_mappings = {{.from = "wish", .to = {"big", "small"}}};
  data.profiles.emplace(p.id, p);
  return catalog{std::move(data), secret{"k"}};
}

TEST(plan_route, follows_a_mapping_and_its_fallbacks) {
  const auto known = catalog_with_a_chain();
  const auto& worn = known.data().profiles.at({"prf_1"});
  const auto asked = route_question{.model = "wish", .worn = &worn, .trace = "tr_1"};
  const auto plan = plan_route(known, asked);
  EXPECT_EQ(plan.models, (std::vector<std::string>{"big", "small"}));
  EXPECT_TRUE(plan.known);
  const auto ordered = planned(known, asked);
  ASSERT_EQ(ordered.size(), 3u);
  EXPECT_EQ(ordered[0].upstream_model, "big");
  EXPECT_EQ(ordered[1].upstream_model, "big");
  EXPECT_EQ(ordered[2].upstream_model, "small");
  EXPECT_EQ(ordered[2].channel, channel_id{"ch_both"});
  EXPECT_FALSE(plan_route(known, {.model = "wish"}).known) << "without the profile";
}

TEST(models_for, lists_what_leads_somewhere) {
  const auto known = catalog_with_a_chain();
  using names = std::vector<std::string>;
  EXPECT_EQ(models_for(known, nullptr), (names{"big", "small"}));
  const auto& worn = known.data().profiles.at({"prf_1"});
  EXPECT_EQ(models_for(known, &worn), (names{"big", "small", "wish"}));
  auto limited = worn;
  limited.model_ids = {"small"};
  EXPECT_EQ(models_for(known, &limited), (names{"small", "wish"}));
}

TEST(explain_plan, says_for_every_channel_outside_why_it_may_not_serve) {
  auto off = channel_of("ch_1_off");
  off.status = channel_status::disabled;
  auto archived_elsewhere = channel_of("ch_2_other");
  archived_elsewhere.status = channel_status::archived;
  archived_elsewhere.supported_models = {"another"};
  auto lacking = channel_of("ch_3_lacks");
  lacking.supported_models = {"another"};
  const auto known = catalog_with({off, archived_elsewhere, lacking, channel_of("ch_4_barred"),
                                   channel_of("ch_5", {"ok"}), channel_of("ch_6", {"ok"})});
  auto worn = profile{};
  worn.channel_tags = {"ok"};
  worn.channel_ids = {{"ch_1_off"}, {"ch_2_other"}, {"ch_3_lacks"}};
  const auto asked = route_question{.model = "m", .worn = &worn, .trace = "tr_1"};

  const auto said = explain_plan(known, asked);
  EXPECT_EQ(said.plan.candidates.size(), 2u);
  ASSERT_EQ(said.outsiders.size(), 4u);
  using reasons = std::vector<reason>;
  EXPECT_EQ(said.outsiders[0].channel, off.id);
  EXPECT_EQ(said.outsiders[0].upstream_model, "m");
  EXPECT_EQ(said.outsiders[0].objections, reasons{reason::channel_disabled});
  EXPECT_EQ(said.outsiders[1].objections,
            (reasons{reason::channel_disabled, reason::model_not_served}));
  EXPECT_EQ(said.outsiders[2].objections, reasons{reason::model_not_served});
  EXPECT_EQ(said.outsiders[3].objections, reasons{reason::not_allowed_by_profile});
}

} // namespace
} // namespace axonhub::policy
