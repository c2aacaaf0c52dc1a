#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "llm/usage.hpp"
#include "policy/decimal.hpp"

namespace re2 {
class RE2;
}

/// What tokens cost.
namespace axonhub::policy {

/// USD per million tokens, with at most six places: so each token's price is exact.
struct token_prices {
  decimal input;
  decimal output; ///< Of reasoning too.
  decimal cache_read;
  decimal cache_write_5m;
  decimal cache_write_1h;

  friend bool operator==(const token_prices&, const token_prices&) = default;
};

/// One row of a price table.
struct price {
  std::string model;  ///< A name, or a pattern as in a profile's model mappings.
  channel_id channel; ///< Empty: wherever no row names the channel.
  wall_time effective_from;
  std::optional<std::uint64_t> tier_above; ///< Only for prompts of more tokens than this.
  token_prices rates;

  friend bool operator==(const price&, const price&) = default;
};

/// The operator's prices, replaced as a whole.
struct price_table {
  std::vector<price> rows;
  std::uint64_t revision = 0; ///< 0: none were ever set.
};

/// What records call them: "prices-7".
std::string version_of(const price_table& prices);

/// Whether a row makes sense by itself.
checked<void> check(const price& row);

/// The prices that the gateway brings along, for where the operator has none. Lists change: compare
/// them with your provider's.
const std::vector<price>& default_prices();
/// The day of that list: "defaults-2026-11-22".
std::string_view default_prices_version();

/// What a request has cost, by class of token.
struct cost {
  decimal input{};
  decimal cache_read{};
  decimal cache_write_5m{};
  decimal cache_write_1h{};
  decimal output{};
  shared_text price_version{}; ///< Which prices these were: "prices-7", "defaults-2026-11-22".

  decimal total() const { return input + cache_read + cache_write_5m + cache_write_1h + output; }
};

/// Exact. A cache write that does not say for how long is for five minutes.
cost cost_of(const llm::usage& tokens, const token_prices& rates);

/// What it costs to send a prompt to another channel whose so many first tokens are in the cache of
/// the one that it leaves: they are written there instead of read here. Never below zero.
decimal cost_of_leaving(std::uint64_t cached_tokens, const token_prices& here,
                        const token_prices& there);

/// Prices, made ready to be looked up.
class price_book {
public:
  explicit price_book(const price_table& by_operator);

  struct found {
    const token_prices* rates = nullptr;
    const std::string* version = nullptr;
    explicit operator bool() const { return rates != nullptr; }
  };

  /// The row for a prompt of so many tokens at this time. Before all else comes a row of the
  /// operator, then one for the channel, one that names the model over a pattern, the highest tier
  /// that is reached, the latest; of equals the first. Nothing when no row fits.
  found find(const std::string& model, const channel_id& channel, wall_time at,
             std::uint64_t prompt_tokens) const;

private:
  struct row {
    price what;
    bool by_operator = false;
    std::shared_ptr<const re2::RE2> pattern; ///< Null: an exact name.
  };

  void add(const std::vector<price>& rows, bool by_operator);

  std::string version_;
  std::string default_version_;
  std::vector<std::shared_ptr<const row>> patterns_;
  std::unordered_map<std::string, std::vector<std::shared_ptr<const row>>> by_name_;
};

} // namespace axonhub::policy
