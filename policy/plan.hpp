#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.hpp"
#include "policy/route.hpp"

/// Which channels may serve a request, before any is asked for its health.
namespace axonhub::policy {

/// What is known of a request when its candidates are sought.
struct route_question {
  std::string model;             ///< As the client asks for it.
  const profile* worn = nullptr; ///< The key's active profile, if it has one; in the catalog.
  std::string_view trace{};      ///< The trace's id; empty: none, then `random` orders.
  std::uint64_t random = 0;
};

/// The candidates of a request. The same for every request for this model under this profile.
struct route_plan {
  std::vector<std::string> models;   ///< What the profile makes of the requested name, in order.
  std::vector<candidate> candidates; ///< By fallback, then by channel id.
  bool known = false;                ///< Some channel, enabled or not, has one of the models.
};

route_plan plan_route(const catalog& known, const route_question& asked);

/// Stands for what is asked for, in a session's bindings (see model_binding): the first name that
/// the profile makes of it, whatever upstreams call it and whoever of a chain serves it. Never 0.
std::uint64_t model_key(const route_plan& plan);

/// What a request may cost at most, per token of prompt and answer, whoever of the plan serves it;
/// unset where no price is known.
std::optional<token_prices> dearest_rates(const route_plan& plan, const price_book& prices,
                                          wall_time at, std::uint64_t prompt_tokens);

/// What speaks against a channel as it is configured, whatever the model.
std::vector<reason> objections_to(const channel& c, const route_question& asked);

/// The number that orders a question's candidates.
std::uint64_t seed_of(const route_question& asked);

/// The names that a key can ask for under a profile (or none), sorted: each leads to an enabled
/// channel.
std::vector<std::string> models_for(const catalog& known, const profile* worn);

} // namespace axonhub::policy
