#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "base/time.hpp"

namespace axonhub::policy {

/// How much may pass: at once, and within any minute.
struct gate_limits {
  std::optional<std::uint32_t> max_concurrent{};
  std::optional<std::uint32_t> rpm{}; ///< Requests.
  std::optional<std::uint64_t> tpm{}; ///< Tokens, of the prompt and of the answer.

  bool any() const { return max_concurrent || rpm || tpm; }
  friend bool operator==(const gate_limits&, const gate_limits&) = default;
};

enum class gate_reason : std::uint8_t { concurrency, requests, tokens };

/// Why something may not pass now.
struct gate_refusal {
  gate_reason why = gate_reason::concurrency;
  milliseconds wait{0}; ///< Until the minute has room; 0: until something that has passed ends.
};

/// Counts what passes a limit. Exact: what is admitted within any minute stays within the limits,
/// but for tokens (and for a second try under one lease, which is not counted again). Those are
/// admitted while what was spent in the last minute and what is reserved for the requests under way
/// are below the limit: an answer that turns out longer than its reservation may overshoot it by
/// the difference. Pure: time is an argument.
class rate_gate {
public:
  /// What refuses one more now; nullopt: it may enter.
  std::optional<gate_refusal> check(const gate_limits& limits, steady_time now);

  /// One enters; `number` is its own, `tokens` a guess of what it will need.
  void enter(std::uint64_t number, std::uint64_t tokens, steady_time now);

  /// It ends and has used so many tokens; nullopt: unknown, the guess counts. Again: nothing.
  void leave(std::uint64_t number, std::optional<std::uint64_t> tokens, steady_time now);

  /// It ends, and nothing came of it: it counts for no limit. Again: nothing.
  void withdraw(std::uint64_t number);

  std::size_t inside() const { return inside_.size(); }

private:
  struct use {
    steady_time at;
    std::uint64_t amount;
  };

  void forget_old(steady_time now);

  struct entry {
    std::uint64_t tokens; ///< Reserved.
    steady_time at;
  };

  std::unordered_map<std::uint64_t, entry> inside_; ///< By number.
  std::uint64_t reserved_ = 0;
  std::deque<steady_time> entered_; ///< Within the last minute, the oldest first.
  std::deque<use> spent_;           ///< The same for tokens.
  std::uint64_t spent_sum_ = 0;
};

} // namespace axonhub::policy
