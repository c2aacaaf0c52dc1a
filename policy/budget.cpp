#include "policy/budget.hpp"

#include <algorithm>
#include <array>

namespace axonhub::policy {
namespace {

constexpr auto words = std::to_array<std::string_view>({"requests", "tokens", "usd"});
constexpr auto most = decimal{1'000'000'000'000};

failure invalid(const char* text) { return {errc::invalid_argument, text}; }

bool is_whole(decimal x) { return x.units() % decimal::one == 0; }

} // namespace

std::string_view to_text(budget_unit unit) {
  const auto index = static_cast<std::size_t>(unit);
  return index < words.size() ? words[index] : "unknown";
}

std::optional<budget_unit> budget_unit_from(std::string_view text) {
  for (auto i = std::size_t{0}; i < words.size(); ++i)
    if (words[i] == text)
      return static_cast<budget_unit>(i);
  return std::nullopt;
}

checked<void> check(const budget& b) {
  if (b.amount <= decimal{} || b.amount > most)
    return invalid("the amount must be above zero and at most 10^12");
  if (b.unit != budget_unit::usd && !is_whole(b.amount))
    return invalid("an amount of requests or tokens is a whole number");
  if (b.soft_at && (*b.soft_at <= decimal{} || *b.soft_at > decimal{1}))
    return invalid("soft_at is a share of the amount: above 0, at most 1");
  return check(b.period);
}

checked<void> check(const profile_quota& q) {
  const auto limits = budgets_of(q);
  if (limits.empty())
    return invalid("a quota needs requests, total_tokens or cost");
  for (const auto& b : limits)
    if (auto fine = check(b); !fine)
      return fine;
  return {};
}

std::vector<budget> budgets_of(const profile_quota& q) {
  auto out = std::vector<budget>{};
  const auto add = [&](budget_unit unit, decimal amount) {
    out.push_back({.counter = q.counter + "/" + std::string{to_text(unit)},
                   .unit = unit,
                   .amount = amount,
                   .period = q.period,
                   .soft_at = {}});
  };
  if (q.requests)
    add(budget_unit::requests, decimal{*q.requests});
  if (q.total_tokens)
    add(budget_unit::tokens, decimal{*q.total_tokens});
  if (q.cost)
    add(budget_unit::usd, *q.cost);
  return out;
}

std::string to_text(const budget& b) {
  const auto* word = b.unit == budget_unit::requests ? " requests"
                     : b.unit == budget_unit::tokens ? " tokens"
                                                     : " USD";
  return to_text(b.amount) + word + " (" + to_text(b.period) + ")";
}

void budget_counter::add(const period& p, decimal amount, wall_time now) {
  std::erase_if(parts, [now](const part& x) { return x.until <= now; });
  if (parts.empty())
    soft_told = false;
  if (amount == decimal{})
    return;
  const auto until = part_at(p, now).until;
  if (parts.empty() || parts.back().until < until)
    parts.push_back({until, amount});
  else
    parts.back().amount += amount;
}

decimal budget_counter::spent(wall_time now) const {
  auto sum = decimal{};
  for (const auto& x : parts)
    if (x.until > now)
      sum += x.amount;
  return sum;
}

std::optional<wall_time> budget_counter::below(decimal amount, wall_time now) const {
  auto left = spent(now);
  auto when = now;
  for (const auto& x : parts) {
    if (left < amount)
      break;
    if (x.until <= now)
      continue;
    left -= x.amount;
    when = x.until;
  }
  return left < amount && when != never ? std::optional{when} : std::nullopt;
}

std::optional<wall_time> budget_counter::next_reset(const period& p, wall_time now) const {
  if (p.kind == period_kind::all_time)
    return std::nullopt;
  for (const auto& x : parts)
    if (x.until > now)
      return x.until;
  return p.kind == period_kind::calendar_duration ? std::optional{part_at(p, now).until}
                                                  : std::nullopt;
}

} // namespace axonhub::policy
