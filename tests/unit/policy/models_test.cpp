#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>

#include "policy/catalog.hpp"

namespace axonhub::policy {
namespace {

using names = std::vector<std::string>;

channel channel_with(names listed) {
  auto c = channel{};
  c.supported_models = std::move(listed);
  return c;
}

TEST(upstream_model_name, tries_listed_prefixed_trimmed_and_mapped_names) {
  auto c = channel_with({"claude-x", "anthropic/claude-y", "both", "anthropic/both"});
  c.extra_model_prefix = "p";
  c.auto_trimmed_model_prefixes = {"google", "anthropic"};
  c.model_mappings = {{"alias", "claude-x"}, {"claude-y", "claude-x"}, {"lost", "unlisted"}};
  struct {
    std::string_view name, asked;
    std::optional<std::string> expected;
  } cases[] = {
      {"listed goes unchanged", "claude-x", "claude-x"},
      {"listed wins over trimmed", "both", "both"},
      {"listed in full", "anthropic/claude-y", "anthropic/claude-y"},
      {"with the extra prefix", "p/claude-x", "claude-x"},
      {"the extra prefix of a name with a slash", "p/anthropic/claude-y", "anthropic/claude-y"},
      {"the extra prefix leads to listed names only", "p/alias", std::nullopt},
      {"the extra prefix alone", "p/", std::nullopt},
      {"another prefix", "q/claude-x", std::nullopt},
      {"the beginning of a name is no prefix", "pclaude-x", std::nullopt},
      {"trimmed wins over mapped", "claude-y", "anthropic/claude-y"},
      {"mapped", "alias", "claude-x"},
      {"mapped to what is not listed", "lost", std::nullopt},
      {"another case is another name", "Claude-X", std::nullopt},
      {"unknown", "claude-z", std::nullopt},
      {"empty", "", std::nullopt},
  };
  for (const auto& [name, asked, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(upstream_model_name(c, asked), expected);
  }
}

TEST(upstream_model_name, takes_prefixes_with_or_without_their_slash) {
  auto c = channel_with({"vendor/m"});
  c.extra_model_prefix = "p/";
  c.auto_trimmed_model_prefixes = {"vendor/", ""};
  EXPECT_EQ(upstream_model_name(c, "p/vendor/m"), "vendor/m");
  EXPECT_EQ(upstream_model_name(c, "m"), "vendor/m");
  EXPECT_EQ(upstream_model_name(c, ""), std::nullopt);
}

TEST(model_names_of, shows_every_name_but_the_hidden_ones) {
  auto c = channel_with({"x", "v/y"});
  c.extra_model_prefix = "p";
  c.auto_trimmed_model_prefixes = {"v"};
  c.model_mappings = {{"alias", "x"}, {"lost", "unlisted"}};
  const auto all = names{"alias", "p/v/y", "p/x", "v/y", "x", "y"};
  EXPECT_EQ(model_names_of(c), all);
  c.hide_original_models = true;
  EXPECT_EQ(model_names_of(c), (names{"alias", "p/v/y", "p/x", "y"}));
  c.hide_mapped_models = true;
  EXPECT_EQ(model_names_of(c), (names{"alias", "p/v/y", "y"}));
  c.hide_original_models = false;
  EXPECT_EQ(model_names_of(c), (names{"alias", "p/v/y", "v/y", "y"}));
  const auto asked = upstream_models_of(c);
  EXPECT_TRUE(std::ranges::equal(asked | std::views::keys, all))
      << "what is hidden can be asked for";
}

TEST(upstream_models_of, go_by_the_first_rule_that_knows_a_name) {
  auto c = channel_with({"a/m", "b/m", "b/n", "a/n", "o"});
  c.extra_model_prefix = "a";
  c.auto_trimmed_model_prefixes = {"b/", "", "a"};
  c.model_mappings = {{"m", "o"}, {"z", "o"}, {"z", "a/m"}};
  const auto models = upstream_models_of(c);
  EXPECT_EQ(models.at("m"), "b/m");
  EXPECT_EQ(models.at("z"), "o");
  EXPECT_EQ(models.at("a/m"), "a/m");
  for (const auto& [name, upstream] : models)
    EXPECT_EQ(upstream_model_name(c, name), upstream) << name;
}

TEST(upstream_models_of, are_exactly_the_names_that_lead_upstream) {
  auto c = channel_with({"x", "v/y", "x"});
  c.extra_model_prefix = "p";
  c.auto_trimmed_model_prefixes = {"v", "p"};
  c.model_mappings = {{"alias", "x"}, {"x", "v/y"}};
  for (const auto& [name, upstream] : upstream_models_of(c))
    EXPECT_EQ(upstream_model_name(c, name), upstream) << name;
  EXPECT_TRUE(std::ranges::equal(upstream_models_of(c) | std::views::keys,
                                 names{"alias", "p/v/y", "p/x", "v/y", "x", "y"}));
}

} // namespace
} // namespace axonhub::policy
