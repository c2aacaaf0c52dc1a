#include "policy/price.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <tuple>

#include "policy/model_mapping.hpp"

namespace axonhub::policy {
namespace {

constexpr auto dearest = decimal{1'000'000};
constexpr auto finest = decimal::wide{1'000'000}; // six places

model_mapping as_rule(const price& row) { return {.from = row.model, .to = {"x"}}; }

bool is_exact_per_token(decimal rate) {
  return rate >= decimal{} && rate <= dearest && rate.units() % finest == 0;
}

} // namespace

checked<void> check(const price& row) {
  if (auto fine = check(as_rule(row)); !fine)
    return failure{errc::invalid_argument, "model: " + fine.error().message};
  for (const auto rate : {row.rates.input, row.rates.output, row.rates.cache_read,
                          row.rates.cache_write_5m, row.rates.cache_write_1h})
    if (!is_exact_per_token(rate))
      return failure{
          errc::invalid_argument,
          "a price is from 0 to 1000000 USD per million tokens, with at most six places"};
  return {};
}

std::string version_of(const price_table& prices) {
  return "prices-" + std::to_string(prices.revision);
}

cost cost_of(const llm::usage& tokens, const token_prices& rates) {
  const auto for_hour = tokens.cache_write_1h;
  const auto written = std::max(tokens.cache_write, tokens.cache_write_5m + for_hour);
  return {.input = per_million(rates.input, tokens.input),
          .cache_read = per_million(rates.cache_read, tokens.cache_read),
          .cache_write_5m = per_million(rates.cache_write_5m, written - for_hour),
          .cache_write_1h = per_million(rates.cache_write_1h, for_hour),
          .output = per_million(rates.output, tokens.output)};
}

decimal cost_of_leaving(std::uint64_t cached_tokens, const token_prices& here,
                        const token_prices& there) {
  return at_least_zero(per_million(there.cache_write_5m, cached_tokens) -
                       per_million(here.cache_read, cached_tokens));
}

price_book::price_book(const price_table& by_operator)
    : version_(version_of(by_operator)), default_version_(default_prices_version()) {
  add(by_operator.rows, true);
  add(default_prices(), false);
}

void price_book::add(const std::vector<price>& rows, bool by_operator) {
  for (const auto& what : rows) {
    auto made = row{.what = what, .by_operator = by_operator, .pattern = {}};
    const auto matches_names = is_pattern(as_rule(what));
    if (matches_names) {
      auto options = re2::RE2::Options{};
      options.set_log_errors(false);
      made.pattern = std::make_shared<const re2::RE2>(what.model, options);
    }
    auto kept = std::make_shared<const row>(std::move(made));
    (matches_names ? patterns_ : by_name_[what.model]).push_back(std::move(kept));
  }
}

price_book::found price_book::find(const std::string& model, const channel_id& channel,
                                   wall_time at, std::uint64_t prompt_tokens) const {
  const row* best = nullptr;
  const auto rank = [](const row& r) {
    return std::tuple{r.by_operator, !r.what.channel.empty(), r.pattern == nullptr,
                      r.what.tier_above ? *r.what.tier_above + 1 : 0, r.what.effective_from};
  };
  const auto consider = [&](const row& r) {
    if ((r.what.channel.empty() || r.what.channel == channel) && r.what.effective_from <= at &&
        (!r.what.tier_above || prompt_tokens > *r.what.tier_above) &&
        (best == nullptr || rank(*best) < rank(r)))
      best = &r;
  };
  if (const auto named = by_name_.find(model); named != by_name_.end())
    for (const auto& r : named->second)
      consider(*r);
  for (const auto& r : patterns_)
    if (re2::RE2::FullMatch(model, *r->pattern))
      consider(*r);
  if (best == nullptr)
    return {};
  return {.rates = &best->what.rates, .version = best->by_operator ? &version_ : &default_version_};
}

} // namespace axonhub::policy
