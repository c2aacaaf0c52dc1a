#include "policy/standing.hpp"

#include <gtest/gtest.h>

#include "policy/affinity.hpp"

namespace axonhub::policy {
namespace {

class standings_test : public testing::Test {
protected:
  void candidates(std::vector<candidate> given) {
    auto plan = std::make_shared<explained_plan>();
    plan->plan.candidates = std::move(given);
    made.plan = std::move(plan);
  }
  /// The channels in order, each with its load where that counted: "a:3 b:1".
  std::string shown() const {
    auto text = std::string{};
    for (const auto& s : standings(made)) {
      const auto& c = made.plan->plan.candidates[s.which];
      text += (text.empty() ? "" : " ") + c.channel.text + (c.fallback > 0 ? "'" : "");
      if (s.load)
        text += ":" + std::to_string(*s.load);
      EXPECT_EQ(s.score, rendezvous_score(c, made.seed));
    }
    return text;
  }

  decision made;
};

TEST_F(standings_test, are_in_the_order_that_the_choice_was_made_in) {
  EXPECT_TRUE(standings(made).empty());
  candidates({{{"a"}}, {{"b"}}, {{"c"}}});
  for (made.seed = 1; made.seed < 50; ++made.seed) {
    auto expected = std::string{};
    for (const auto i : order(made.plan->plan.candidates, made.seed))
      expected += (expected.empty() ? "" : " ") + made.plan->plan.candidates[i].channel.text;
    EXPECT_EQ(shown(), expected);
  }
}

TEST_F(standings_test, show_the_loads_behind_a_choice_without_a_session) {
  candidates({{{"a"}}, {{"b"}}});
  made.seed = 1;
  made.loads = {9, 2};
  EXPECT_EQ(shown(), "b:2 a:9");
  made.loads = {2, 9};
  EXPECT_EQ(shown(), "a:2 b:9");
}

TEST_F(standings_test, put_those_last_that_do_not_suit) {
  candidates({{{"a"}}, {{"b"}}, {{"c"}}});
  made.refused = {{.channel = {"a"}, .why = reason::context_too_small}};
  made.loads = {5, 1}; // of the two that do
  EXPECT_EQ(shown(), "c:1 b:5 a");
  EXPECT_FALSE(standings(made).back().suits);
}

TEST_F(standings_test, tell_the_steps_of_a_chain_apart) {
  candidates({{{"a"}, "first", 0}, {{"a"}, "second", 1}});
  made.refused = {{.channel = {"a"}, .why = reason::cooling, .fallback = 0},
                  {.channel = {"a"}, .why = reason::full, .fallback = 1}};
  EXPECT_EQ(shown(), "a a'");
  const auto& both = made.plan->plan.candidates;
  EXPECT_EQ(refusal_of(made, both[0])->why, reason::cooling);
  EXPECT_EQ(refusal_of(made, both[1])->why, reason::full);
  EXPECT_EQ(refusal_of(made, {{"b"}}), nullptr);
}

} // namespace
} // namespace axonhub::policy
