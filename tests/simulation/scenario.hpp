#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "policy/affinity.hpp"
#include "policy/entities.hpp"
#include "policy/exchange.hpp"
#include "policy/health.hpp"
#include "policy/retry_budget.hpp"

/// What happens in one run, all of it decided by a seed before it begins.
namespace axonhub::simulation {

/// How an upstream answers for a while.
enum class mood : std::uint8_t {
  fine,
  refusing,   ///< No connection.
  silent,     ///< A connection, and then nothing.
  erring,     ///< 500 or 503.
  overloaded, ///< 529
  garbled,    ///< 200 with something else than an answer.
  limiting,   ///< 429
  cutting,    ///< Streams that end in the middle.
  forgetful,  ///< 404 for the model.
};

struct phase {
  milliseconds from{0};
  mood how = mood::fine;
  double share = 1.0; ///< Of the attempts that meet it; the others are answered.
  std::optional<milliseconds> retry_after{};
};

struct channel_script {
  policy::candidate what;
  std::vector<policy::credential_facts> credentials;
  policy::channel_limits limits;
  std::vector<phase> phases{{}};                   ///< By time; the first from the beginning on.
  std::map<credential_id, milliseconds> revoked{}; ///< Answered 401 from then on.

  const phase& phase_at(milliseconds t) const;
  /// Since when it has answered all that came; nullopt: not now.
  std::optional<milliseconds> fine_since(milliseconds t) const;
  /// It fails, limits or loses credentials at no time.
  bool is_always_fine() const;
};

struct session_script {
  trace_id trace;
  key_id key;
  bool caches = true;
};

struct arrival {
  milliseconds at;
  std::size_t session = 0;
  bool stream = true;
  bool leaves = false; ///< The client goes away in the middle.
};

/// What a run is about; decides which laws can be sharp.
enum class theme : std::uint8_t {
  mixed,       ///< A dozen channels, anything may happen to any of them.
  all_down,    ///< Every channel fails at once, and heals.
  few_errors,  ///< Every channel fails 6 % of its attempts.
  one_channel, ///< The same with a single channel.
  full,        ///< One channel with too few places for its keys.
  outage,      ///< One of several channels is away for a short time.
};
inline constexpr std::string_view theme_names[] = {"mixed",       "all_down", "few_errors",
                                                   "one_channel", "full",     "outage"};
inline constexpr auto theme_count = std::size(theme_names);

inline theme theme_of(std::uint64_t seed) { return static_cast<theme>(seed % theme_count); }

/// Faults that the laws must find.
enum class plant : std::uint8_t {
  none,
  fixed_cooldown, ///< Each server error benches for 600 s.
  no_last_resort, ///< Health alone refuses.
  fixed_without_last_resort,
  move_after_commit, ///< An answer goes on with another upstream.
  endless_budget,    ///< Anyone may try again where there is trouble.
  many_attempts,
  no_affinity, ///< Bindings are forgotten at once.
  first_come,  ///< The queue knows no keys.
  forgiving,   ///< A refused credential is taken back at once.
  deaf,        ///< Retry-After is not read.
  even_weights,
  stubborn, ///< Tries dead channels twice each, and gives up before a healthy one.
};
inline constexpr std::string_view plant_names[] = {"none",
                                                   "fixed_cooldown",
                                                   "no_last_resort",
                                                   "fixed_without_last_resort",
                                                   "move_after_commit",
                                                   "endless_budget",
                                                   "many_attempts",
                                                   "no_affinity",
                                                   "first_come",
                                                   "forgiving",
                                                   "deaf",
                                                   "even_weights",
                                                   "stubborn"};

struct scenario {
  theme about = theme::mixed;
  plant planted = plant::none;
  std::vector<channel_script> channels;
  std::vector<session_script> sessions;
  std::vector<arrival> arrivals;  ///< By time.
  milliseconds answer_least{200}; ///< How long a good answer takes.
  milliseconds answer_most{4000};
  milliseconds down_from{0}; ///< Of all_down and outage.
  milliseconds down_until{0};
  policy::health_rules health;
  policy::exchange_rules exchange;
  policy::retry_rules retries;
  policy::affinity_rules affinity;
  bool has_no_last_resort() const {
    return planted == plant::no_last_resort || planted == plant::fixed_without_last_resort;
  }
  milliseconds affinity_promised = std::chrono::hours{1}; ///< What the laws expect.
};

struct scenario_size {
  std::size_t sessions = 100;
  std::size_t requests = 1'000;
};

/// The same for the same seed, but for what the planted fault changes.
scenario make_scenario(std::uint64_t seed, const scenario_size& most, plant planted);

/// Evenly from [least, most].
template <class Int>
Int between(std::mt19937_64& dice, Int least, Int most) {
  return static_cast<Int>(least +
                          static_cast<Int>(dice() % static_cast<std::uint64_t>(most - least + 1)));
}
inline milliseconds between(std::mt19937_64& dice, milliseconds least, milliseconds most) {
  return milliseconds{between(dice, least.count(), most.count())};
}
inline bool happens(std::mt19937_64& dice, double share) {
  return static_cast<double>(dice() >> 11) * 0x1p-53 < share;
}

} // namespace axonhub::simulation
