#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "llm/usage.hpp"
#include "policy/capability.hpp"
#include "policy/failure.hpp"

/// The values that a routing decision is made of. They travel between actors.
namespace axonhub::policy {

/// Why a channel was chosen or refused: the closed list that records, explain and docs show.
enum class reason : std::uint8_t {
  bound,       ///< The session's own channel.
  preferred,   ///< First in order for a session that has no channel yet.
  moved,       ///< The channels before it refused or failed.
  last_resort, ///< Nothing healthy is left; its cooldown ends first.
  channel_disabled,
  model_not_served,
  not_allowed_by_profile,
  no_credential,      ///< None is configured and enabled.
  credential_invalid, ///< The upstream refused every credential (401, 403).
  credential_cooling, ///< Every credential rests after a 429.
  cooling,            ///< The channel rests after 5xx answers.
  breaker_open,       ///< Too many failures of this model in a row.
  model_absent,       ///< The upstream said that it has no such model.
  already_failed,     ///< Tried before in this request.
  full,               ///< As many requests are under way as its limit allows.
  rate_limit,         ///< Its own limit of requests or tokens per minute.
  context_too_small,  ///< The request is larger than its model takes; others take it.
  capability_missing, ///< It lacks images or a server tool that the request needs; others do not.
  retry_budget,       ///< In trouble, and enough attempts go to such channels already.
  stopping,           ///< Deleted or shutting down.
};

std::string_view to_text(reason r);

/// One channel that could serve a request, before health is asked.
struct candidate {
  channel_id channel{};
  shared_text upstream_model{}; ///< The name that this channel's upstream knows.
  std::uint32_t fallback = 0;   ///< For which of the names that a profile's mapping leads to.
  std::int32_t priority = 0;
  std::uint32_t weight = 100;
  capability can{};

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, candidate& x) {
    return f(x.channel, x.upstream_model, x.fallback, x.priority, x.weight, x.can);
  }
};

/// What a channel needs to know to admit an attempt.
struct acquire_request {
  request_id request{};
  shared_text upstream_model{};
  credential_id preferred{};             ///< The session's credential; empty: any.
  std::vector<credential_id> excluded{}; ///< Failed in this request already.
  bool last_resort = false;              ///< Health alone may not refuse.
  bool may_wait = false;                 ///< In the channel's queue, when it is full.
  key_id key{};                          ///< Keys are served in turns.
  std::uint64_t tokens = 0;              ///< An estimate of what it will need.
  std::uint64_t seed = 0;                ///< Of the session: its credential; 0: by the request.
  bool counts_tokens = false;            ///< A count_tokens call: says nothing about health.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, acquire_request& x) {
    return f(x.request, x.upstream_model, x.preferred, x.excluded, x.last_resort, x.may_wait, x.key,
             x.tokens, x.seed, x.counts_tokens);
  }
};

/// Who uses a lease says so at least as often, for as long as that takes.
inline constexpr auto lease_renewal = std::chrono::minutes{15};

/// The right to use a channel for one attempt; returned with the outcome.
struct lease {
  std::uint64_t number = 0; ///< Unique within its channel.
  channel_id channel{};
  credential_id credential{};
  shared_text upstream_model{};
  reason why = reason::preferred;
  std::uint32_t fallback = 0;     ///< The candidate's.
  bool troubled = false;          ///< The model has failed there within the last seconds.
  bool awaited = false;           ///< Whether it is answered decides something: tell at once.
  milliseconds preferred_away{0}; ///< How long the preferred credential is out; max: for good.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, lease& x) {
    return f(x.number, x.channel, x.credential, x.upstream_model, x.why, x.fallback, x.troubled,
             x.awaited, x.preferred_away);
  }
};

/// Why a channel did not give a lease.
struct refusal {
  channel_id channel{};
  reason why = reason::stopping;
  milliseconds wait{0};       ///< Until it may change; 0: unknown.
  bool by_health = false;     ///< May be overruled when nothing else is left.
  std::uint32_t fallback = 0; ///< The candidate's: a channel may be in several steps of a chain.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, refusal& x) {
    return f(x.channel, x.why, x.wait, x.by_health, x.fallback);
  }
};

/// A lease, or why there is none.
struct acquire_answer {
  std::optional<lease> granted{};
  refusal refused{}; ///< Meaningful without a lease.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, acquire_answer& x) {
    return f(x.granted, x.refused);
  }
};

/// How an attempt ended, for the channel's health.
struct attempt_outcome {
  lease used{};
  std::optional<attempt_failure> failed{}; ///< nullopt: it went well.
  bool neutral = false;                    ///< Says nothing about health (cancelled, count_tokens).
  bool slow = false;                       ///< It went on, but dripped.
  std::optional<std::uint64_t> tokens{};   ///< Used, in all; nullopt: unknown.
  bool unused = false;                     ///< Nothing was sent: as if it had not been given.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, attempt_outcome& x) {
    return f(x.used, x.failed, x.neutral, x.slow, x.tokens, x.unused);
  }
};

/// What a trace is told when a request of it ended.
struct request_outcome {
  request_id request{};
  std::optional<lease> served{}; ///< The lease whose answer the client got.
  bool completed = false;        ///< To its proper end.
  bool visiting = false;         ///< Left home only because home cannot take such a request.
  bool aside = false;            ///< Visiting for a tool that the next request may do without.
  bool caches_unasked = false;   ///< The upstream keeps prompts without telling of writes.
  bool home_is_gone = false;     ///< What the session was bound to has been deleted.
  bool foreign_thinking = false; ///< An upstream refused thinking that it had not signed.
  llm::usage tokens{};

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, request_outcome& x) {
    return f(x.request, x.served, x.completed, x.visiting, x.aside, x.caches_unasked,
             x.home_is_gone, x.foreign_thinking, x.tokens);
  }
};

/// Where a session's cache is warm.
struct binding {
  channel_id channel{};
  credential_id credential{};
  wall_time since{};
  wall_time last_used_at{};
  wall_time warm_until{};        ///< The upstream's cache lives until then; equal to since: cold.
  std::uint64_t warm_tokens = 0; ///< Prompt tokens cached there, as last reported.
  std::uint32_t visits = 0;      ///< In a row, to channels that take what this one cannot.

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, binding& x) {
    return f(x.channel, x.credential, x.since, x.last_used_at, x.warm_until, x.warm_tokens,
             x.visits);
  }
};

/// A session's binding for one of the models that it asks for: an upstream caches per model.
struct model_binding {
  std::uint64_t model = 0; ///< Stands for the model's name, whatever its upstream calls it.
  std::string name{};      ///< What the upstream calls it.
  binding bound{};

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, model_binding& x) {
    return f(x.model, x.name, x.bound);
  }
};

} // namespace axonhub::policy
