#include "policy/rate_gate.hpp"

#include <algorithm>

namespace axonhub::policy {
namespace {

constexpr auto window = std::chrono::minutes{1};

milliseconds until(steady_time t, steady_time now) {
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(t - now));
}

} // namespace

void rate_gate::forget_old(steady_time now) {
  while (!entered_.empty() && now - entered_.front() >= window)
    entered_.pop_front();
  for (; !spent_.empty() && now - spent_.front().at >= window; spent_.pop_front())
    spent_sum_ -= spent_.front().amount;
}

std::optional<gate_refusal> rate_gate::check(const gate_limits& limits, steady_time now) {
  forget_old(now);
  if (limits.max_concurrent && inside_.size() >= *limits.max_concurrent)
    return gate_refusal{gate_reason::concurrency};
  if (limits.rpm && entered_.size() >= *limits.rpm) {
    // The one whose end of the minute leaves fewer than the limit.
    const auto frees =
        *limits.rpm == 0 ? now + window : entered_[entered_.size() - *limits.rpm] + window;
    return gate_refusal{gate_reason::requests, until(frees, now)};
  }
  if (limits.tpm && spent_sum_ + reserved_ >= *limits.tpm) {
    auto left = spent_sum_ + reserved_;
    for (const auto& u : spent_)
      if (left -= u.amount; left < *limits.tpm)
        return gate_refusal{gate_reason::tokens, until(u.at + window, now)};
    return gate_refusal{gate_reason::tokens};
  }
  return std::nullopt;
}

void rate_gate::enter(std::uint64_t number, std::uint64_t tokens, steady_time now) {
  if (!inside_.emplace(number, entry{tokens, now}).second)
    return;
  reserved_ += tokens;
  entered_.push_back(now);
}

void rate_gate::leave(std::uint64_t number, std::optional<std::uint64_t> tokens, steady_time now) {
  const auto known = inside_.find(number);
  if (known == inside_.end())
    return;
  reserved_ -= known->second.tokens;
  const auto amount = tokens.value_or(known->second.tokens);
  inside_.erase(known);
  forget_old(now);
  if (amount == 0)
    return;
  spent_.push_back({now, amount});
  spent_sum_ += amount;
}

void rate_gate::withdraw(std::uint64_t number) {
  const auto known = inside_.extract(number);
  if (!known)
    return;
  reserved_ -= known.mapped().tokens;
  // Any one of that moment: they are alike.
  const auto entered = std::ranges::lower_bound(entered_, known.mapped().at);
  if (entered != entered_.end() && *entered == known.mapped().at)
    entered_.erase(entered);
}

} // namespace axonhub::policy
