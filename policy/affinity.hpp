#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "policy/route.hpp"

/// Which channel a session goes to, and where it stays.
namespace axonhub::policy {

/// Indices of the candidates in the order of trying: by fallback, then tiers by priority, inside a
/// tier by weighted rendezvous hashing on `key` (a trace id). The same on every node; a channel
/// that comes or goes moves only the sessions that go to it or leave it.
std::vector<std::size_t> order(const std::vector<candidate>& candidates, std::string_view key);

/// The same for a request without a trace: a fresh random number spreads it by weight.
std::vector<std::size_t> order(const std::vector<candidate>& candidates, std::uint64_t random);

/// The same for candidates that lie elsewhere.
std::vector<std::size_t> order(std::span<const candidate* const> candidates, std::uint64_t random);

/// Power of two choices, for a request without a trace: the first two of the best tier come by
/// weighted chance, and the one with less under way for its weight goes first. The others follow in
/// their weighted random order. `in_flight` has one number for each candidate.
std::vector<std::size_t> order_by_load(const std::vector<candidate>& candidates,
                                       const std::vector<std::uint32_t>& in_flight,
                                       std::uint64_t random);
std::vector<std::size_t> order_by_load(std::span<const candidate* const> candidates,
                                       std::span<const std::uint32_t> in_flight,
                                       std::uint64_t random);

/// The number that stands for a trace: order(candidates, order_seed(key)) is order by its key.
std::uint64_t order_seed(std::string_view key);

/// A candidate's place within its tier: the highest score is tried first.
double rendezvous_score(const candidate& c, std::uint64_t seed);

struct affinity_rules {
  milliseconds ttl = std::chrono::hours{1}; ///< A binding idle for longer is gone.
};

struct binding_change {
  std::optional<binding> next; ///< The binding from now on.
  bool moved = false;          ///< Another channel served than the session's own.
};

/// What becomes of a session's binding when one of its requests ended. The first complete answer
/// binds. A request served elsewhere moves the binding only when the cache at its own channel has
/// gone cold: after a short outage the session returns. It moves at once where there is no way
/// back: its channel or credential is gone or out for longer than the cache lives, or two requests
/// in a row were too much for it.
binding_change binding_after(std::optional<binding> current, const request_outcome& outcome,
                             wall_time now, const affinity_rules& rules);

/// True when the session has been idle for longer than a binding lives.
bool has_expired(const binding& b, wall_time now, const affinity_rules& rules);

/// Prompt tokens that a session would have to pay anew at another channel; 0 when its cache is
/// cold.
std::uint64_t price_of_leaving(const binding& b, wall_time now);

} // namespace axonhub::policy
