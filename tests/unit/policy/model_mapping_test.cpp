#include "policy/model_mapping.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

using names = std::vector<std::string>;

model_mapping rule(std::string from, names to, match_kind match = match_kind::automatic) {
  return {.from = std::move(from), .to = std::move(to), .match = match};
}

TEST(model_mapper, takes_the_first_rule_that_matches) {
  struct {
    std::string_view name;
    std::vector<model_mapping> rules;
    std::string model;
    names expected;
  } cases[] = {
      {"no rule", {}, "m", {"m"}},
      {"another name", {rule("a", {"b"})}, "m", {"m"}},
      {"exact",
       {rule("claude-sonnet-4-5", {"deepseek-reasoner"})},
       "claude-sonnet-4-5",
       {"deepseek-reasoner"}},
      {"case counts", {rule("Claude", {"x"})}, "claude", {"claude"}},
      {"a dot alone is no pattern", {rule("gpt-4.1", {"x"})}, "gpt-4x1", {"gpt-4x1"}},
      {"a pattern",
       {rule("claude-haiku-.*", {"deepseek-chat"})},
       "claude-haiku-4-5",
       {"deepseek-chat"}},
      {"a pattern is anchored", {rule("haiku.*", {"x"})}, "claude-haiku", {"claude-haiku"}},
      {"and at its end", {rule("claude-(a|b)", {"x"})}, "claude-bc", {"claude-bc"}},
      {"groups", {rule("claude-(.*)-(\\d+)", {"c-\\2-\\1"})}, "claude-opus-5", {"c-5-opus"}},
      {"a chain", {rule("m", {"a", "b"})}, "m", {"a", "b"}},
      {"one pass", {rule("a", {"b"}), rule("b", {"c"})}, "a", {"b"}},
      {"the first wins", {rule("a.*", {"x"}), rule("ab", {"y"})}, "ab", {"x"}},
      {"an exact rule may hold a pattern's signs",
       {rule("a*", {"x"}, match_kind::exact)},
       "a*",
       {"x"}},
      {"and matches nothing else", {rule("a*", {"x"}, match_kind::exact)}, "aa", {"aa"}},
      {"a regex without signs", {rule("a.c", {"x"}, match_kind::regex)}, "abc", {"x"}},
  };
  for (const auto& [name, rules, model, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(model_mapper{rules}.names_for(model), expected);
  }
}

TEST(model_mapper, passes_over_rules_that_are_off) {
  auto off = rule("m", {"x"});
  off.enabled = false;
  EXPECT_EQ((model_mapper{{off, rule("m", {"y"})}}.names_for("m")), names{"y"});
}

TEST(check_mapping, says_what_is_wrong_and_where) {
  EXPECT_TRUE(check(rule("claude-.*", {"x"})));
  const auto unclosed = check(rule("claude-(", {"x"}));
  ASSERT_FALSE(unclosed);
  EXPECT_NE(unclosed.error().message.find("\"claude-(\" is no regular expression"),
            std::string::npos);
  const auto star = check(rule("*-sonnet", {"x"}));
  ASSERT_FALSE(star);
  EXPECT_NE(star.error().message.find("position 1"), std::string::npos) << star.error().message;
  EXPECT_NE(star.error().message.find("did you mean .*-sonnet"), std::string::npos);
  EXPECT_FALSE(check(rule("", {"x"})));
  EXPECT_FALSE(check(rule("a", {})));
  EXPECT_FALSE(check(rule("a", {""})));
  EXPECT_FALSE(check(rule("a(b)", {"\\2"}))) << "there is one group";
}

TEST(check_mapping, wonders_about_shell_patterns) {
  EXPECT_EQ(suspicion(rule("claude-*", {"x"})),
            "\"claude-*\" is read as a regular expression; did you mean claude-.*?");
  for (const auto* fine : {"claude-.*", "claude", "a(b)*", "[ab]*", "gpt-4\\**"})
    EXPECT_FALSE(suspicion(rule(fine, {"x"}))) << fine;
  EXPECT_FALSE(suspicion(rule("a*", {"x"}, match_kind::exact)));
}

} // namespace
} // namespace axonhub::policy
