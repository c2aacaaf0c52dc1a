#include "policy/bench.hpp"

#include <gtest/gtest.h>

namespace axonhub::policy {
namespace {

const auto at = from_unix_ms(1'800'000'000'000);

credential refused_one() {
  auto c = credential{};
  c.id = {"cr_1"};
  c.channel = {"ch_a"};
  c.value = secret{"sk-secret"};
  c.revision = 3;
  return c;
}

release_effect benched(std::string id, std::uint64_t revision) {
  return {.changed = true,
          .benched = credential_id{std::move(id)},
          .bench_reason = "invalid \"x-api-key\"",
          .bench_revision = revision};
}

TEST(change_to_bench, keeps_the_reason_with_the_credential_in_the_systems_name) {
  const auto change = change_to_bench(refused_one(), benched("cr_1", 3), at);
  ASSERT_TRUE(change);
  ASSERT_EQ(change->edits.size(), 1u);
  const auto& saved = std::get<put<credential>>(change->edits[0]).value;
  EXPECT_EQ(saved.invalid_reason, "invalid \"x-api-key\"");
  EXPECT_EQ(saved.invalid_since, at);
  EXPECT_EQ(saved.revision, 3u) << "the catalog refuses it when it has changed meanwhile";
  EXPECT_EQ(saved.value.reveal(), "sk-secret");
  EXPECT_EQ(change->audit.actor, "system");
  EXPECT_EQ(change->audit.action, "credential.bench");
  EXPECT_EQ(change->audit.target, "cr_1");
  EXPECT_EQ(change->audit.detail, R"({"reason":"invalid \"x-api-key\""})");
}

TEST(change_to_bench, changes_nothing_for_another_credential_or_value) {
  EXPECT_FALSE(change_to_bench(refused_one(), {}, at));
  EXPECT_FALSE(change_to_bench(refused_one(), benched("cr_2", 3), at));
  EXPECT_FALSE(change_to_bench(refused_one(), benched("cr_1", 2), at));
}

} // namespace
} // namespace axonhub::policy
