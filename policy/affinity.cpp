#include "policy/affinity.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "policy/stable_hash.hpp"

namespace axonhub::policy {
namespace {

constexpr auto short_cache = std::chrono::minutes{5};
constexpr auto long_cache = std::chrono::hours{1};

// Shorter prompts are not cached by those who cache without being asked.
constexpr auto shortest_cached_prompt = std::uint64_t{1024};

std::uint64_t cached_tokens(const request_outcome& outcome) {
  const auto& tokens = outcome.tokens;
  if (outcome.caches_unasked && tokens.prompt() >= shortest_cached_prompt)
    return tokens.prompt();
  return tokens.cache_read + tokens.cache_write;
}

/// The answer keeps the channel's cache warm.
void warm(binding& b, const request_outcome& outcome, wall_time now) {
  const auto& tokens = outcome.tokens;
  const auto cached = cached_tokens(outcome);
  if (cached == 0)
    return;
  const auto life = tokens.cache_write_1h > 0 ? milliseconds{long_cache} : short_cache;
  b.warm_until = std::max(b.warm_until, now + life);
  b.warm_tokens = cached;
}

binding bind(const lease& served, const request_outcome& outcome, wall_time now) {
  auto b = binding{.channel = served.channel,
                   .credential = served.credential,
                   .since = now,
                   .last_used_at = now,
                   .warm_until = now};
  warm(b, outcome, now);
  return b;
}

bool is_home(const binding& b, const lease& served) {
  return b.channel == served.channel && b.credential == served.credential;
}

/// The cache is there when the session can be, and the session has not outgrown its channel.
bool is_worth_returning(const binding& b, const request_outcome& outcome, wall_time now) {
  const auto same_channel = b.channel == outcome.served->channel;
  const auto away = same_channel ? outcome.served->preferred_away : milliseconds{0};
  const auto outgrown = outcome.visiting && b.visits > 0;
  return b.warm_until - now > away && !outgrown;
}

std::vector<const candidate*> pointers_to(const std::vector<candidate>& candidates) {
  auto out = std::vector<const candidate*>{};
  out.reserve(candidates.size());
  for (const auto& c : candidates)
    out.push_back(&c);
  return out;
}

} // namespace

std::uint64_t order_seed(std::string_view key) { return stable_hash(key); }

// Each channel wins in proportion to its weight.
double rendezvous_score(const candidate& c, std::uint64_t seed) {
  const auto bits = stable_hash(c.channel.text, seed) >> 11;
  const auto fraction = (static_cast<double>(bits) + 0.5) * 0x1.0p-53; // In (0, 1).
  return -static_cast<double>(std::max(c.weight, 1u)) / std::log(fraction);
}

std::vector<std::size_t> order(std::span<const candidate* const> candidates, std::uint64_t random) {
  auto scores = std::vector<double>(candidates.size());
  std::ranges::transform(candidates, scores.begin(),
                         [&](const candidate* c) { return rendezvous_score(*c, random); });
  auto indices = std::vector<std::size_t>(candidates.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  std::ranges::sort(indices, [&](std::size_t i, std::size_t j) {
    const auto &a = *candidates[i], &b = *candidates[j];
    if (a.fallback != b.fallback)
      return a.fallback < b.fallback;
    if (a.priority != b.priority)
      return a.priority < b.priority;
    if (scores[i] != scores[j])
      return scores[i] > scores[j];
    return a.channel < b.channel;
  });
  return indices;
}

std::vector<std::size_t> order(const std::vector<candidate>& candidates, std::uint64_t random) {
  return order(pointers_to(candidates), random);
}

std::vector<std::size_t> order(const std::vector<candidate>& candidates, std::string_view key) {
  return order(candidates, order_seed(key));
}

std::vector<std::size_t> order_by_load(std::span<const candidate* const> candidates,
                                       std::span<const std::uint32_t> in_flight,
                                       std::uint64_t random) {
  auto indices = order(candidates, random);
  if (indices.size() < 2)
    return indices;
  const auto first = indices[0], second = indices[1];
  const auto &a = *candidates[first], &b = *candidates[second];
  // Loads are compared as fractions of the weights, without dividing.
  const auto load = [&](std::size_t of, const candidate& other) {
    return std::uint64_t{in_flight[of]} * std::max(other.weight, 1u);
  };
  if (a.fallback == b.fallback && a.priority == b.priority && load(second, a) < load(first, b))
    std::swap(indices[0], indices[1]);
  return indices;
}

std::vector<std::size_t> order_by_load(const std::vector<candidate>& candidates,
                                       const std::vector<std::uint32_t>& in_flight,
                                       std::uint64_t random) {
  return order_by_load(pointers_to(candidates), in_flight, random);
}

bool has_expired(const binding& b, wall_time now, const affinity_rules& rules) {
  return now - b.last_used_at > rules.ttl;
}

std::uint64_t price_of_leaving(const binding& b, wall_time now) {
  return b.warm_until > now ? b.warm_tokens : 0;
}

binding_change binding_after(std::optional<binding> current, const request_outcome& outcome,
                             wall_time now, const affinity_rules& rules) {
  if (current && (outcome.home_is_gone || has_expired(*current, now, rules)))
    current.reset();
  if (!outcome.served)
    return {.next = std::move(current)};
  const auto& served = *outcome.served;
  if (current && is_home(*current, served)) {
    current->last_used_at = now;
    current->visits = 0;
    warm(*current, outcome, now);
    return {.next = std::move(current)};
  }
  const auto moved = current && current->channel != served.channel;
  if (!outcome.completed || (current && outcome.aside))
    return {.next = std::move(current), .moved = moved};
  if (!current || !is_worth_returning(*current, outcome, now))
    return {.next = bind(served, outcome, now), .moved = moved};
  current->visits += outcome.visiting ? 1 : 0;
  return {.next = std::move(current), .moved = moved};
}

} // namespace axonhub::policy
