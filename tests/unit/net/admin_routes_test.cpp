#include <gtest/gtest.h>

#include <set>

#include "base/text.hpp"
#include "net/admin/openapi.hpp"
#include "net/admin/routes.hpp"

namespace axonhub::net {
namespace {

TEST(admin_routes, are_complete_and_guarded) {
  auto seen = std::set<std::string>{};
  for (const auto& r : admin_routes()) {
    const auto name = std::string{r.method} + " " + std::string{r.pattern};
    SCOPED_TRACE(name);
    EXPECT_TRUE(seen.insert(name).second);
    EXPECT_TRUE(r.pattern.starts_with("/admin/api/"));
    EXPECT_EQ(r.who, access::admin_token);
    EXPECT_NE(r.admin == nullptr, r.serve == nullptr);
    EXPECT_FALSE(r.summary.empty());
  }
}

TEST(openapi, describes_every_route) {
  const auto document = openapi_of(routes());
  EXPECT_TRUE(document["openapi"].get<std::string>().starts_with("3."));
  auto described = std::size_t{0};
  for (const auto& [path, methods] : document["paths"].items())
    described += methods.size();
  EXPECT_EQ(described, routes().size());
  for (const auto& r : routes()) {
    SCOPED_TRACE(r.pattern);
    const auto& operation = document["paths"][std::string{r.pattern}][to_lower(r.method)];
    ASSERT_TRUE(operation.is_object());
    EXPECT_EQ(operation["security"].empty(), r.who == access::open);
    auto in_path = 0;
    for (const auto& p : operation.value("parameters", json::array()))
      in_path += p["in"] == "path" ? 1 : 0;
    EXPECT_EQ(in_path, std::ranges::count(r.pattern, '{'));
  }
}

TEST(openapi, names_the_query_parameters) {
  const auto document = openapi_of(admin_routes());
  auto names = std::set<std::string>{};
  for (const auto& p : document["paths"]["/admin/api/channels"]["get"]["parameters"])
    names.insert(p["name"]);
  EXPECT_EQ(names,
            (std::set<std::string>{"limit", "cursor", "type", "status", "tag", "model", "q"}));
}

} // namespace
} // namespace axonhub::net
