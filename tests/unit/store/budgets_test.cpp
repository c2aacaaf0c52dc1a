#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"
#include "tests/unit/store/samples.hpp"

namespace axonhub::store {
namespace {

using policy::decimal;

decimal number(std::string_view text) { return policy::parse_decimal_text(text).value(); }

policy::period some_period() {
  return {.kind = policy::period_kind::calendar_duration,
          .value = 1,
          .unit = policy::period_unit::month,
          .time_zone = "Europe/Berlin"};
}

policy::price some_price() {
  auto row = policy::price{};
  row.model = "claude-.*";
  row.channel = {"ch_full"};
  row.effective_from = from_unix_ms(1'795'000'000'000);
  row.tier_above = 200'000;
  row.rates = {number("3"), number("15"), number("0.3"), number("3.75"), number("6")};
  return row;
}

stored_counters some_counters() {
  auto counted = stored_counters{{"key_full"}, {}};
  counted.counted.mean_output = 321;
  counted.counted.by_name["bgt_1"] = {
      .parts = {{from_unix_ms(1'795'000'000'001), number("0.000000000001")},
                {policy::never, number("999999999999.999999999999")}},
      .unpriced = 7,
      .soft_told = true};
  counted.counted.by_name["bgt_2"] = {.parts = {{from_unix_ms(5), decimal{} - number("2.5")}}};
  return counted;
}

class budgets_test : public testing::Test {
protected:
  void write(std::vector<policy::catalog_edit> edits, std::vector<stored_counters> counters = {}) {
    auto batch = write_batch{};
    batch.edits = std::move(edits);
    batch.counters = std::move(counters);
    ASSERT_TRUE(kept->write(batch));
  }

  void reopen() {
    kept.reset();
    kept = samples::opened(samples::config_in(folder.path()));
  }

  tests::temp_folder folder;
  std::unique_ptr<store> kept = samples::opened(samples::config_in(folder.path()));
};

TEST_F(budgets_test, are_kept_with_keys_and_profiles) {
  auto key = samples::full_key();
  key.limits = {.max_concurrent = 3, .rpm = 4, .tpm = 5};
  key.budgets = {{.counter = "bgt_1",
                  .unit = policy::budget_unit::usd,
                  .amount = number("12.345678901234"),
                  .period = some_period(),
                  .soft_at = number("0.8")},
                 {.counter = "bgt_2",
                  .unit = policy::budget_unit::tokens,
                  .amount = decimal{1'000'000},
                  .period = {.kind = policy::period_kind::past_duration,
                             .value = 5,
                             .unit = policy::period_unit::hour,
                             .time_zone = {}},
                  .soft_at = {}}};
  auto profile = samples::full_profile();
  profile.quota = policy::profile_quota{.counter = "bgt_3",
                                        .requests = 1,
                                        .total_tokens = 2,
                                        .cost = number("0.5"),
                                        .period = some_period()};
  write({policy::put<policy::api_key>{key}, policy::put<policy::profile>{profile}});
  reopen();
  const auto data = kept->load_catalog().value();
  EXPECT_TRUE(samples::same(data.keys.at(key.id), key));
  EXPECT_TRUE(samples::same(data.profiles.at(profile.id), profile));
}

TEST_F(budgets_test, have_counters_that_outlive_a_restart_and_go_with_their_key) {
  EXPECT_EQ(kept->find_counters({"key_full"}).value(), policy::key_counters{});
  write({policy::put<policy::api_key>{samples::full_key()}}, {some_counters()});
  reopen();
  EXPECT_EQ(kept->find_counters({"key_full"}).value(), some_counters().counted);
  write({policy::erase<key_id>{{"key_full"}}});
  EXPECT_EQ(kept->find_counters({"key_full"}).value(), policy::key_counters{});
}

TEST_F(budgets_test, have_prices_that_are_replaced_as_a_whole) {
  EXPECT_EQ(kept->load_catalog()->prices.revision, 0u);
  write({policy::put_prices{{.rows = {some_price(), some_price()}, .revision = 1}}});
  write({policy::put_prices{{.rows = {some_price()}, .revision = 2}}});
  reopen();
  const auto prices = kept->load_catalog()->prices;
  EXPECT_EQ(prices.revision, 2u);
  EXPECT_EQ(prices.rows, std::vector{some_price()});
}

TEST_F(budgets_test, do_not_come_back_when_their_key_is_gone) {
  write({policy::put<policy::api_key>{samples::full_key()}}, {some_counters()});
  EXPECT_FALSE(kept->find_counters({"key_full"})->by_name.empty());
  write({policy::erase<key_id>{{"key_full"}}}, {some_counters()});
  EXPECT_TRUE(kept->find_counters({"key_full"})->by_name.empty()) << "told in the same step";
  write({}, {some_counters()});
  EXPECT_TRUE(kept->find_counters({"key_full"})->by_name.empty()) << "told later";
}

} // namespace
} // namespace axonhub::store
