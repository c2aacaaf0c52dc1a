#include "llm/models_page.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace axonhub::llm {
namespace {

using nlohmann::json;

std::vector<model_entry> models_named(const std::vector<std::string>& ids) {
  auto models = std::vector<model_entry>{};
  for (const auto& id : ids)
    models.push_back({id, from_unix_ms(1788220800000), id == "a" ? "Model A" : ""});
  return models;
}

json anthropic_page(const std::vector<model_entry>& models, const models_query& query) {
  return json::parse(models_page(dialect::anthropic, models, query));
}

TEST(models_page, pages_as_anthropic_does) {
  const auto models = models_named({"a", "b", "c", "d"});
  const struct {
    std::string_view name;
    models_query query;
    std::vector<std::string> ids;
    bool has_more;
  } cases[] = {
      {"all fit", {20, "", ""}, {"a", "b", "c", "d"}, false},
      {"the first two", {2, "", ""}, {"a", "b"}, true},
      {"exactly all", {4, "", ""}, {"a", "b", "c", "d"}, false},
      {"no limit of 0", {0, "", ""}, {"a"}, true},
      {"after b", {1, "b", ""}, {"c"}, true},
      {"the last ones", {2, "b", ""}, {"c", "d"}, false},
      {"after the last", {2, "d", ""}, {}, false},
      {"after an unknown id", {2, "x", ""}, {}, false},
      {"before d", {2, "", "d"}, {"b", "c"}, true},
      {"before c, all of them", {2, "", "c"}, {"a", "b"}, false},
      {"before the first", {2, "", "a"}, {}, false},
      {"before an unknown id", {2, "", "x"}, {}, false},
      {"after wins over before", {2, "c", "b"}, {"d"}, false},
      {"a limit beyond any", {std::size_t(-1), "", ""}, {"a", "b", "c", "d"}, false},
  };
  for (const auto& [name, query, ids, has_more] : cases) {
    SCOPED_TRACE(name);
    const auto page = anthropic_page(models, query);
    auto seen = std::vector<std::string>{};
    for (const auto& m : page["data"])
      seen.push_back(m["id"]);
    EXPECT_EQ(seen, ids);
    EXPECT_EQ(page["has_more"], has_more);
    EXPECT_EQ(page["first_id"], ids.empty() ? json{} : json(ids.front()));
    EXPECT_EQ(page["last_id"], ids.empty() ? json{} : json(ids.back()));
  }
}

TEST(models_page, gives_at_most_a_thousand_models) {
  auto ids = std::vector<std::string>{};
  for (auto i = 0; i < 1001; ++i)
    ids.push_back("m" + std::to_string(i));
  EXPECT_EQ(anthropic_page(models_named(ids), {5000, "", ""})["data"].size(), 1000u);
}

TEST(models_page, describes_a_model_as_each_dialect_does) {
  const auto models = models_named({"a", "b\"c"});
  const auto page = anthropic_page(models, {});
  EXPECT_EQ(page["data"][0], json::parse(R"({"type":"model","id":"a","display_name":"Model A",
                                             "created_at":"2026-09-01T00:00:00.000Z"})"));
  EXPECT_EQ(page["data"][1]["display_name"], "b\"c");
  EXPECT_EQ(json::parse(model_page(dialect::anthropic, models[0])), page["data"][0]);

  const auto list = json::parse(models_page(dialect::openai_chat, models, {1, "", ""}));
  EXPECT_EQ(list["object"], "list");
  ASSERT_EQ(list["data"].size(), 2u);
  EXPECT_EQ(list["data"][0], json::parse(R"({"id":"a","object":"model","created":1788220800,
                                             "owned_by":"axonhub"})"));
  EXPECT_EQ(json::parse(model_page(dialect::openai_responses, models[1])), list["data"][1]);
}

} // namespace
} // namespace axonhub::llm
