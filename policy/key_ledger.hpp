#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "policy/budget.hpp"
#include "policy/rate_gate.hpp"

/// What one key may do: its limits, its budgets, the quota of its active profile.
namespace axonhub::policy {

struct key_rules {
  gate_limits limits{};
  std::vector<budget> budgets{};
  profile_id active_profile{};
  std::map<profile_id, profile_quota> quotas{}; ///< Of every profile that the key has.

  /// False when nothing here ever refuses a request; then nobody need ask. The quota of a profile
  /// that is not worn now counts: its counter must be at hand when it is.
  bool limit_anything() const { return limits.any() || !budgets.empty() || !quotas.empty(); }
  friend bool operator==(const key_rules&, const key_rules&) = default;
};

/// What a key's counters hold across a restart.
struct key_counters {
  std::map<std::string, budget_counter> by_name{};
  std::uint64_t mean_output = 1000; ///< Tokens of its recent answers; a guess before the first.

  friend bool operator==(const key_counters&, const key_counters&) = default;
};

/// What is known of a request before it is sent.
struct key_request {
  std::uint64_t prompt_tokens = 0;            ///< An estimate.
  std::optional<std::uint64_t> most_output{}; ///< What the client asks for at most.
  std::optional<decimal> input_price{};       ///< USD per million tokens, where known.
  std::optional<decimal> output_price{};
  bool counts_tokens = false; ///< A count_tokens call: only rpm and max_concurrent are for it.
};

/// What a request has used in the end.
struct key_use {
  bool asked_upstream = false;           ///< False: it used nothing and counts for no budget.
  bool cut = false;                      ///< The answer was cut short: what it said is estimated.
  std::optional<std::uint64_t> tokens{}; ///< Prompt and answer; unset: unknown, as reserved.
  std::uint64_t output = 0;              ///< Of `tokens`, those of the answer.
  std::optional<decimal> cost{};         ///< Unset: no price is known, or no tokens.
};

enum class key_reason : std::uint8_t {
  key_concurrency,    ///< max_concurrent is reached.
  key_rate_limit,     ///< rpm or tpm is reached.
  budget_exhausted,   ///< One of the key's budgets is used up.
  quota_exhausted,    ///< The active profile's quota is used up.
  key_limits_unknown, ///< Whoever knows the limits did not answer.
};
std::string_view to_text(key_reason why);

struct key_refusal {
  key_reason why = key_reason::key_concurrency;
  std::optional<milliseconds> wait{}; ///< Until it may help to ask again; unset: nobody knows.
  std::string message{};              ///< For the client.
};

/// One budget as readers see it.
struct budget_state {
  budget rule;
  profile_id profile{}; ///< Whose quota it is; empty: the key's own budget.
  decimal spent{};
  decimal reserved{};
  std::optional<wall_time> resets_at{};
  std::uint64_t unpriced = 0;
  bool soft_reached = false;

  decimal remaining() const { return at_least_zero(rule.amount - spent - reserved); }
};

/// What readers see of a key's limits.
struct key_view {
  std::size_t in_flight = 0;
  std::vector<budget_state> budgets{};
};

/// Admits requests while what is spent and what is reserved for those in flight are below every
/// limit. Requests are exact. Tokens and cost are known only afterwards: a reservation is the
/// estimated prompt and the key's recent mean answer, so a budget may be overshot by what the
/// requests in flight use beyond their reservations, and by the last one admitted. Pure.
class key_ledger {
public:
  key_ledger(key_rules rules, key_counters restored);

  /// Other rules; budgets that are no more are forgotten, those that stay keep what was counted.
  void adopt(key_rules rules);

  /// Admits a request under a number of its own, or says what refuses it.
  std::optional<key_refusal> reserve(std::uint64_t number, const key_request& asked, instant now);

  /// It has ended. A number that nobody knows is one from before a restart: what it used counts,
  /// so one that has been settled must not come again.
  void settle(std::uint64_t number, const key_use& used, instant now);

  std::size_t in_flight() const { return gate_.inside(); }
  key_counters counters() const;

  /// The budgets that act now, the key's own first.
  std::vector<budget_state> budgets(wall_time now) const;

  /// Those whose soft share was reached since the last call: each once in a calendar's period, and
  /// once in a sliding one until less than half of the share is spent.
  std::vector<budget> take_soft_news(wall_time now);

private:
  struct slot {
    budget rule;
    profile_id profile;
    budget_counter counter{};
    decimal reserved{};
  };
  struct reservation {
    bool counts_tokens = false;
    std::uint64_t tokens = 0; ///< With those of the answer:
    std::uint64_t output = 0;
    decimal cost{};
    decimal output_price{}; ///< Zero where one is not known.
    std::vector<std::string> slots{};
  };

  bool acts(const slot& s) const { return s.profile.empty() || s.profile == rules_.active_profile; }
  reservation reservation_for(const key_request& asked) const;
  std::optional<key_refusal> refusal_by(const slot& s, instant now) const;
  void charge(slot& s, const reservation& held, const key_use& used, wall_time now);

  key_rules rules_;
  std::vector<slot> slots_;
  std::unordered_map<std::uint64_t, reservation> held_;
  rate_gate gate_;
  std::uint64_t mean_output_;
};

} // namespace axonhub::policy
