#include <array>

#include "policy/price.hpp"

namespace axonhub::policy {
namespace {

constexpr std::string_view day = "defaults-2026-11-22";

/// USD per million tokens, as text: the table reads like a provider's list.
struct listed {
  std::string_view model;
  std::string_view input;
  std::string_view output;
  std::string_view cache_read;
  std::string_view cache_write_5m;
  std::string_view cache_write_1h;
  std::uint64_t tier_above = 0; ///< 0: for every prompt.
};

// Providers without a price for writing the cache take the input's.
constexpr auto list = std::to_array<listed>({
    {"claude-opus-5-5", "5", "25", "0.5", "6.25", "10"},
    {"claude-sonnet-5-5", "3", "15", "0.3", "3.75", "6"},
    {"claude-sonnet-5-5", "6", "22.5", "0.6", "7.5", "12", 200'000},
    {"claude-haiku-4-5", "1", "5", "0.1", "1.25", "2"},
    {"gpt-5.5", "1.25", "10", "0.125", "1.25", "1.25"},
    {"gpt-5.5-mini", "0.25", "2", "0.025", "0.25", "0.25"},
    {"deepseek-chat", "0.28", "0.42", "0.028", "0.28", "0.28"},
    {"deepseek-reasoner", "0.28", "0.42", "0.028", "0.28", "0.28"},
});

decimal number(std::string_view text) { return parse_decimal_text(text).value(); }

price to_price(const listed& l) {
  auto made = price{};
  made.model = l.model;
  if (l.tier_above > 0)
    made.tier_above = l.tier_above;
  made.rates = {.input = number(l.input),
                .output = number(l.output),
                .cache_read = number(l.cache_read),
                .cache_write_5m = number(l.cache_write_5m),
                .cache_write_1h = number(l.cache_write_1h)};
  return made;
}

} // namespace

const std::vector<price>& default_prices() {
  static const auto all = [] {
    auto made = std::vector<price>{};
    for (const auto& l : list)
      made.push_back(to_price(l));
    return made;
  }();
  return all;
}

std::string_view default_prices_version() { return day; }

} // namespace axonhub::policy
