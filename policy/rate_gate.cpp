#include "policy/rate_gate.hpp"

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
  if (!inside_.emplace(number, tokens).second)
    return;
  reserved_ += tokens;
  entered_.push_back(now);
}

void rate_gate::leave(std::uint64_t number, std::optional<std::uint64_t> tokens, steady_time now) {
  const auto known = inside_.find(number);
  if (known == inside_.end())
    return;
  reserved_ -= known->second;
  const auto amount = tokens.value_or(known->second);
  inside_.erase(known);
  forget_old(now);
  if (amount == 0)
    return;
  spent_.push_back({now, amount});
  spent_sum_ += amount;
}

} // namespace axonhub::policy
