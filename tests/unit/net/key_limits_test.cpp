#include "net/key_limits.hpp"

#include <gtest/gtest.h>

#include "net/admin/json.hpp"
#include "net/record_json.hpp"

namespace axonhub::net {
namespace {

using policy::request_status;

policy::decimal usd(std::string_view text) { return policy::parse_decimal_text(text).value(); }

policy::request_record record_of(request_status status, std::uint16_t upstream_status,
                                 const llm::usage& tokens) {
  auto r = policy::request_record{};
  r.status = status;
  r.mapped_model = "mine";
  r.tokens = tokens;
  auto& tried = r.attempts.emplace_back();
  tried.http_status = upstream_status;
  tried.sent = true;
  tried.upstream_model = "theirs";
  return r;
}

/// The client left while the next attempt was awaited, or before that was sent.
policy::request_record left_after(std::uint16_t refusal, bool next_began) {
  auto r = record_of(request_status::cancelled, refusal, {});
  if (next_began)
    r.attempts.emplace_back();
  return r;
}

policy::request_record unsent() {
  auto r = record_of(request_status::cancelled, 0, {});
  r.attempts.back().sent = false;
  return r;
}

const auto some_tokens = llm::usage{.input = 100, .cache_read = 20, .output = 30, .seen = true};

TEST(use_of, follows_how_the_request_ended) {
  const struct {
    std::string_view name;
    policy::request_record given;
    bool asked;
    bool cut;
    std::optional<std::uint64_t> tokens;
  } cases[] = {
      {"completed", record_of(request_status::completed, 200, some_tokens), true, false, 150},
      {"completed without numbers", record_of(request_status::completed, 200, {}), true, false, {}},
      {"refused by the upstream", record_of(request_status::failed, 400, {}), true, false, 0},
      {"never answered", record_of(request_status::failed, 0, {}), false, false, {}},
      {"cut by the upstream", record_of(request_status::partial, 200, some_tokens), true, true,
       150},
      {"the client left midway", record_of(request_status::cancelled, 200, some_tokens), true, true,
       150},
      {"the client left early", record_of(request_status::cancelled, 0, {}), true, true, {}},
      {"the client left after a refusal", left_after(503, false), true, false, 0},
      {"and before the next attempt was sent", left_after(503, true), true, false, 0},
      {"the client left before anything was sent", unsent(), false, false, {}},
  };
  for (const auto& [name, given, asked, cut, tokens] : cases) {
    SCOPED_TRACE(name);
    const auto used = use_of(given);
    EXPECT_EQ(used.asked_upstream, asked);
    EXPECT_EQ(used.cut, cut);
    EXPECT_EQ(used.tokens, tokens);
  }
  auto untouched = record_of(request_status::cancelled, 0, {});
  untouched.attempts.clear();
  EXPECT_FALSE(use_of(untouched).asked_upstream);
}

class cost_of_test : public testing::Test {
protected:
  static policy::price row(std::string model, std::string_view input) {
    auto made = policy::price{};
    made.model = std::move(model);
    made.rates = {usd(input), usd("0"), usd(input), usd("0"), usd("0")};
    return made;
  }

  std::optional<policy::cost> cost() const {
    return cost_of(given, policy::price_book{{.rows = rows, .revision = 3}});
  }

  policy::request_record given = record_of(request_status::completed, 200, some_tokens);
  std::vector<policy::price> rows;
};

TEST_F(cost_of_test, goes_by_the_upstreams_name_then_by_the_mapped_one) {
  EXPECT_FALSE(cost());
  rows.push_back(row("mine", "1"));
  EXPECT_EQ(to_text(cost()->total()), "0.00012");
  rows.push_back(row("theirs", "2"));
  EXPECT_EQ(to_text(cost()->total()), "0.00024");
  EXPECT_EQ(cost()->price_version, "prices-3");
}

TEST_F(cost_of_test, is_not_known_without_tokens) {
  rows.push_back(row("theirs", "2"));
  EXPECT_TRUE(cost());
  given.counts_tokens = true;
  EXPECT_FALSE(cost());
  given.counts_tokens = false;
  given.tokens.seen = false;
  EXPECT_FALSE(cost());
}

TEST_F(cost_of_test, is_shown_in_the_record) {
  EXPECT_TRUE(json::parse(to_json_text(given)).at("cost").is_null());
  rows.push_back(row("theirs", "2"));
  given.cost = cost();
  const auto shown = json::parse(to_json_text(given)).at("cost");
  EXPECT_EQ(shown.at("total"), "0.00024");
  EXPECT_EQ(shown.at("by_class").at("input"), "0.0002");
  EXPECT_EQ(shown.at("by_class").at("cache_read"), "0.00004");
  EXPECT_EQ(shown.at("by_class").at("output"), "0");
  EXPECT_EQ(shown.at("price_version"), "prices-3");
}

} // namespace
} // namespace axonhub::net
