#include "policy/key_ledger.hpp"

#include <algorithm>
#include <array>

namespace axonhub::policy {
namespace {

constexpr auto words =
    std::to_array<std::string_view>({"key_concurrency", "key_rate_limit", "budget_exhausted",
                                     "quota_exhausted", "key_limits_unknown"});

constexpr auto memory_of_mean = std::uint64_t{8}; // answers

decimal amount_of(budget_unit unit, std::uint64_t tokens, decimal cost) {
  switch (unit) {
    case budget_unit::requests:
      return decimal{1};
    case budget_unit::tokens:
      return decimal{tokens};
    case budget_unit::usd:
      return cost;
  }
  return {};
}

key_refusal refusal_of(const gate_refusal& closed, const gate_limits& limits) {
  using enum gate_reason;
  const auto limit = [](const auto& n) { return std::to_string(n.value_or(0)); };
  auto out = key_refusal{};
  out.why = closed.why == concurrency ? key_reason::key_concurrency : key_reason::key_rate_limit;
  if (closed.wait.count() > 0)
    out.wait = closed.wait;
  out.message =
      closed.why == concurrency
          ? "This key has as many requests in flight as it may: " + limit(limits.max_concurrent)
      : closed.why == requests ? "This key may make " + limit(limits.rpm) + " requests a minute"
                               : "This key may use " + limit(limits.tpm) + " tokens a minute";
  return out;
}

} // namespace

std::string_view to_text(key_reason why) {
  const auto index = static_cast<std::size_t>(why);
  return index < words.size() ? words[index] : "unknown";
}

key_ledger::key_ledger(key_rules rules, key_counters restored)
    : mean_output_(restored.mean_output) {
  adopt(std::move(rules));
  for (auto& s : slots_)
    if (const auto known = restored.by_name.find(s.rule.counter); known != restored.by_name.end())
      s.counter = std::move(known->second);
}

void key_ledger::adopt(key_rules rules) {
  rules_ = std::move(rules);
  auto former = std::exchange(slots_, {});
  const auto add = [&](const budget& rule, const profile_id& profile) {
    auto& made = slots_.emplace_back(slot{.rule = rule, .profile = profile});
    const auto before =
        std::ranges::find_if(former, [&](const slot& s) { return s.rule.counter == rule.counter; });
    if (before == former.end())
      return;
    made.counter = std::move(before->counter);
  };
  for (const auto& rule : rules_.budgets)
    add(rule, {});
  for (const auto& [profile, quota] : rules_.quotas)
    for (const auto& rule : budgets_of(quota))
      add(rule, profile);
  // Also where a rule has gone and come back while requests were under way.
  for (const auto& [number, held] : held_)
    for (auto& s : slots_)
      if (std::ranges::find(held.slots, s.rule.counter) != held.slots.end())
        s.reserved += amount_of(s.rule.unit, held.tokens, held.cost);
}

key_ledger::reservation key_ledger::reservation_for(const key_request& asked) const {
  auto made = reservation{.counts_tokens = asked.counts_tokens};
  if (asked.counts_tokens)
    return made;
  const auto output = std::min(mean_output_, asked.most_output.value_or(mean_output_));
  made.tokens = asked.prompt_tokens + output;
  made.output = output;
  if (asked.input_price && asked.output_price) {
    made.output_price = *asked.output_price;
    made.cost = per_million(*asked.input_price, asked.prompt_tokens) +
                per_million(*asked.output_price, output);
  }
  return made;
}

std::optional<key_refusal> key_ledger::refusal_by(const slot& s, instant now) const {
  const auto taken = s.counter.spent(now.wall) + s.reserved;
  if (taken < s.rule.amount)
    return std::nullopt;
  auto out = key_refusal{};
  out.why = s.profile.empty() ? key_reason::budget_exhausted : key_reason::quota_exhausted;
  // What is reserved is taken for spent at this moment.
  auto soon = s.counter;
  soon.add(s.rule.period, s.reserved, now.wall);
  const auto resets_at = soon.below(s.rule.amount, now.wall);
  out.message =
      (s.profile.empty() ? "This key's budget of " : "The quota of this key's profile, ") +
      to_text(s.rule) + (s.profile.empty() ? " is used up" : ", is used up");
  if (resets_at) {
    out.wait = *resets_at - now.wall;
    out.message += " until " + to_rfc3339(*resets_at);
  }
  return out;
}

std::optional<key_refusal> key_ledger::reserve(std::uint64_t number, const key_request& asked,
                                               instant now) {
  auto made = reservation_for(asked);
  if (!asked.counts_tokens)
    for (const auto& s : slots_)
      if (acts(s))
        if (auto refused = refusal_by(s, now))
          return refused;
  auto limits = rules_.limits;
  if (asked.counts_tokens)
    limits.tpm.reset();
  if (const auto closed = gate_.check(limits, now.steady))
    return refusal_of(*closed, limits);
  gate_.enter(number, made.tokens, now.steady);
  for (auto& s : slots_)
    if (acts(s) && !asked.counts_tokens) {
      s.reserved += amount_of(s.rule.unit, made.tokens, made.cost);
      made.slots.push_back(s.rule.counter);
    }
  held_.insert_or_assign(number, std::move(made));
  return std::nullopt;
}

void key_ledger::charge(slot& s, const reservation& held, const key_use& used, wall_time now) {
  if (!used.asked_upstream)
    return;
  // A cut answer has told its prompt, as a rule, but not how much it said: that is estimated.
  const auto unsaid = used.cut && used.output < held.output ? held.output - used.output : 0;
  const auto tokens = used.tokens ? *used.tokens + unsaid : held.tokens;
  const auto told = used.cost.value_or(used.tokens ? decimal{} : held.cost);
  const auto cost = told + (used.cost ? per_million(held.output_price, unsaid) : decimal{});
  s.counter.add(s.rule.period, amount_of(s.rule.unit, tokens, cost), now);
  if (s.rule.unit == budget_unit::usd && !used.cost && tokens > 0)
    ++s.counter.unpriced;
}

void key_ledger::settle(std::uint64_t number, const key_use& used, instant now) {
  auto held = reservation{};
  const auto known = held_.extract(number);
  if (known)
    held = known.mapped();
  for (auto& s : slots_) {
    const auto reserved = std::ranges::find(held.slots, s.rule.counter) != held.slots.end();
    if (reserved)
      s.reserved -= amount_of(s.rule.unit, held.tokens, held.cost);
    if (reserved || (!known && acts(s)))
      charge(s, held, used, now.wall);
  }
  const auto tokens =
      !used.asked_upstream || held.counts_tokens ? std::optional{std::uint64_t{0}} : used.tokens;
  gate_.leave(number, tokens, now.steady);
  if (used.tokens && !used.cut && used.output > 0 && !held.counts_tokens)
    mean_output_ = (mean_output_ * (memory_of_mean - 1) + used.output) / memory_of_mean;
}

key_counters key_ledger::counters() const {
  auto out = key_counters{.by_name = {}, .mean_output = mean_output_};
  for (const auto& s : slots_)
    out.by_name.insert_or_assign(s.rule.counter, s.counter);
  return out;
}

std::vector<budget_state> key_ledger::budgets(wall_time now) const {
  auto out = std::vector<budget_state>{};
  for (const auto& s : slots_) {
    if (!acts(s))
      continue;
    auto& shown = out.emplace_back();
    shown.rule = s.rule;
    shown.profile = s.profile;
    shown.spent = s.counter.spent(now);
    shown.reserved = s.reserved;
    shown.resets_at = s.counter.next_reset(s.rule.period, now);
    shown.unpriced = s.counter.unpriced;
    shown.soft_reached = s.rule.soft_at && shown.spent >= share_of(s.rule.amount, *s.rule.soft_at);
  }
  return out;
}

std::vector<budget> key_ledger::take_soft_news(wall_time now) {
  auto out = std::vector<budget>{};
  for (auto& s : slots_) {
    if (!s.rule.soft_at)
      continue;
    const auto spent = s.counter.spent(now);
    const auto share = share_of(s.rule.amount, *s.rule.soft_at);
    if (spent + spent < share) // what hovers about the share is one piece of news
      s.counter.soft_told = false;
    if (spent < share || s.counter.soft_told)
      continue;
    s.counter.soft_told = true;
    out.push_back(s.rule);
  }
  return out;
}

} // namespace axonhub::policy
