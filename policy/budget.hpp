#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "policy/decimal.hpp"
#include "policy/period.hpp"

/// How much a key may use in a period, and what it has used.
namespace axonhub::policy {

enum class budget_unit : std::uint8_t { requests, tokens, usd };
std::string_view to_text(budget_unit unit);
std::optional<budget_unit> budget_unit_from(std::string_view text);

struct budget {
  /// Names what was counted. A budget that is taken away and set anew gets another one, and so
  /// starts from nothing; a new amount keeps it.
  std::string counter{};
  budget_unit unit = budget_unit::requests;
  decimal amount{};
  policy::period period{};
  std::optional<decimal> soft_at{}; ///< The share of the amount from which people want to know.

  friend bool operator==(const budget&, const budget&) = default;
};

/// What a profile allows each key that wears it.
struct profile_quota {
  std::string counter{}; ///< See budget.
  std::optional<std::uint64_t> requests{};
  std::optional<std::uint64_t> total_tokens{};
  std::optional<decimal> cost{};
  policy::period period{};

  friend bool operator==(const profile_quota&, const profile_quota&) = default;
};

/// Whether it makes sense by itself: an amount above zero, whole for counts, a soft share within
/// (0, 1], a period that check(period) takes.
checked<void> check(const budget& b);
checked<void> check(const profile_quota& q);

/// A quota as budgets, one per unit that it limits.
std::vector<budget> budgets_of(const profile_quota& q);

/// "5 requests (calendar day in UTC)"
std::string to_text(const budget& b);

/// What one budget has used. On civil time, since it outlives the process: where the clock jumps
/// back, what is used then counts as used in the last piece of time; nothing counts twice.
struct budget_counter {
  struct part {
    wall_time until; ///< When it stops counting.
    decimal amount{};

    friend bool operator==(const part&, const part&) = default;
  };

  std::vector<part> parts{};  ///< The oldest first, at most 62.
  std::uint64_t unpriced = 0; ///< Requests since the start whose cost nobody knows.
  bool soft_told = false;     ///< The soft share was reached, and somebody told.

  void add(const period& p, decimal amount, wall_time now);
  decimal spent(wall_time now) const;

  /// When less than `amount` will be spent if nothing more is: `now` when less is already, unset
  /// when that never comes.
  std::optional<wall_time> below(decimal amount, wall_time now) const;
  /// When something stops counting next: the end of the calendar's day or month, or when the oldest
  /// use leaves a past duration. Unset when nothing will.
  std::optional<wall_time> next_reset(const period& p, wall_time now) const;

  friend bool operator==(const budget_counter&, const budget_counter&) = default;
};

} // namespace axonhub::policy
