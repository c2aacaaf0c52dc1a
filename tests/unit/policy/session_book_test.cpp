#include "policy/session_book.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

using namespace std::chrono_literals;

constexpr auto sonnet = std::uint64_t{11}, haiku = std::uint64_t{22};

class session_book_test : public testing::Test {
protected:
  static lease given(std::string channel) {
    return {.channel = {std::move(channel)}, .credential = {"cr"}, .upstream_model = "theirs"};
  }
  /// A complete answer; whether it was a move.
  bool serve(std::uint64_t model, std::string channel, std::uint64_t cached = 0) {
    auto outcome = request_outcome{.served = given(std::move(channel)), .completed = true};
    outcome.tokens.cache_write = cached;
    return tested.learn(model, outcome, now, rules);
  }
  /// "a", "a tentative", "a borrowed" or "".
  std::string home(std::uint64_t model) const {
    const auto h = tested.home(model, now, rules);
    if (!h)
      return {};
    return h->channel.text + (h->borrowed ? " borrowed" : h->tentative ? " tentative" : "");
  }

  session_book tested;
  affinity_rules rules;
  wall_time now = wall_time{} + 24h * 365;
};

TEST_F(session_book_test, has_a_home_for_each_model) {
  EXPECT_EQ(home(sonnet), "");
  EXPECT_FALSE(serve(sonnet, "a", 9000));
  EXPECT_EQ(home(haiku), "a borrowed");
  EXPECT_FALSE(serve(haiku, "b", 500)) << "no move: it had nowhere to move from";
  for (auto i = 0; i < 5; ++i) {
    now += 1min;
    EXPECT_FALSE(serve(sonnet, "a", 9000));
    EXPECT_FALSE(serve(haiku, "b", 500));
    EXPECT_EQ(home(sonnet), "a");
    EXPECT_EQ(home(haiku), "b");
  }
  EXPECT_EQ(tested.find(sonnet, now, rules)->warm_tokens, 9000u)
      << "a small side call does not overwrite the warmth of the conversation";
}

TEST_F(session_book_test, sends_a_new_model_where_the_session_was_last) {
  serve(sonnet, "a");
  now += 1min;
  serve(haiku, "b");
  EXPECT_EQ(home(33), "b borrowed");
  now += 30s;
  serve(sonnet, "a");
  EXPECT_EQ(home(33), "a borrowed");
}

TEST_F(session_book_test, keeps_the_first_requests_of_a_model_together) {
  tested.choose(haiku, given("b"));
  EXPECT_EQ(home(haiku), "b tentative");
  EXPECT_EQ(home(sonnet), "b borrowed");
  tested.choose(sonnet, given("a"));
  EXPECT_EQ(home(sonnet), "a tentative");
  serve(sonnet, "a");
  EXPECT_EQ(home(sonnet), "a");
  EXPECT_EQ(tested.choice(sonnet), nullptr);
  tested.forget_choices();
  EXPECT_EQ(home(haiku), "a borrowed");
}

TEST_F(session_book_test, forgets_what_was_idle_for_too_long) {
  serve(sonnet, "a");
  now += 30min;
  serve(haiku, "b");
  now += 31min;
  EXPECT_EQ(tested.find(sonnet, now, rules), nullptr);
  EXPECT_EQ(home(sonnet), "b borrowed");
  now += 30min;
  EXPECT_EQ(home(sonnet), "");
}

TEST_F(session_book_test, lists_what_is_bound_and_comes_back_with_it) {
  serve(sonnet, "a");
  now += 1s;
  serve(haiku, "b");
  const auto bound = tested.bindings();
  ASSERT_EQ(bound.size(), 2u);
  EXPECT_EQ(bound[0].model, haiku);
  EXPECT_EQ(bound[0].name, "theirs");
  tested = session_book{bound};
  EXPECT_EQ(home(sonnet), "a");
  EXPECT_EQ(home(haiku), "b");
  tested.drop_if([](const binding& b) { return b.channel == channel_id{"b"}; });
  EXPECT_EQ(home(haiku), "a borrowed");
}

TEST_F(session_book_test, takes_a_binding_without_a_model_for_anybodys_until_one_has_bound) {
  tested =
      session_book{{{.model = 0, .name = {}, .bound = {.channel = {"a"}, .last_used_at = now}}}};
  EXPECT_EQ(home(sonnet), "a borrowed");
  EXPECT_EQ(home(haiku), "a borrowed");
  serve(sonnet, "a");
  EXPECT_EQ(tested.bindings().size(), 1u);
  EXPECT_EQ(home(sonnet), "a");
}

TEST_F(session_book_test, is_bounded) {
  for (auto model = std::uint64_t{1}; model <= 20; ++model) {
    now += 1s;
    serve(model, "a");
    serve(1, "a");
  }
  EXPECT_EQ(tested.bindings().size(), 8u);
  EXPECT_EQ(home(1), "a") << "the longest unused makes room";
  EXPECT_EQ(home(2), "a borrowed");
}

} // namespace
} // namespace axonhub::policy
