#include "policy/health_view.hpp"

#include <algorithm>

#include "policy/health.hpp"

namespace axonhub::policy {
namespace {

/// The same moment on the wall's clock.
wall_time to_wall(steady_time t, instant now) {
  return now.wall + std::chrono::ceil<milliseconds>(t - now.steady);
}

void raise(health_view& seen, health_state state, std::optional<wall_time> until) {
  if (state < seen.state)
    return;
  const auto sooner =
      state == seen.state && until && seen.until ? std::min(*until, *seen.until) : until;
  seen.state = state;
  seen.until = sooner;
}

} // namespace

std::string_view to_text(health_state state) {
  switch (state) {
    case health_state::ok:
      return "ok";
    case health_state::cooling:
      return "cooling";
    case health_state::half_open:
      return "half_open";
    case health_state::open:
      return "open";
    case health_state::invalid:
      return "invalid";
  }
  return "unknown";
}

health_view channel_health::view(const std::vector<credential_facts>& credentials,
                                 instant now) const {
  auto seen = health_view{};
  seen.in_flight = leases_.size();
  seen.errors.assign(errors_.begin(), errors_.end());
  view_models(seen, now);
  view_credentials(seen, credentials, now);
  return seen;
}

void channel_health::view_models(health_view& seen, instant now) const {
  for (const auto& [name, m] : models_) {
    if (const auto state = m.breaker.state(now.steady); state != breaker_state::closed) {
      const auto open = state == breaker_state::open;
      const auto until = open ? std::optional{to_wall(m.breaker.until(), now)} : std::nullopt;
      seen.breakers.push_back({.model = name, .why = reason::breaker_open, .until = until});
      raise(seen, open ? health_state::open : health_state::half_open, until);
    }
    if (m.resting.active(now.steady)) {
      const auto until = to_wall(m.resting.until(), now);
      seen.cooldowns.push_back({.model = name, .why = reason::cooling, .until = until});
      raise(seen, health_state::cooling, until);
    }
    if (m.absent_until > now.steady)
      seen.cooldowns.push_back(
          {.model = name, .why = reason::model_absent, .until = to_wall(m.absent_until, now)});
  }
}

void channel_health::view_credentials(health_view& seen,
                                      const std::vector<credential_facts>& credentials,
                                      instant now) const {
  auto enabled = 0, invalid = 0, cooling = 0;
  auto first_back = wall_time::max();
  for (const auto& c : credentials) {
    const auto known = credentials_.find(c.id);
    enabled += c.enabled ? 1 : 0;
    if (is_invalid(c, now.wall)) {
      invalid += c.enabled ? 1 : 0;
      seen.cooldowns.push_back(
          {.credential = c.id,
           .why = reason::credential_invalid,
           .detail = is_benched(c) ? known->second.bench_reason : c.invalid_reason});
    } else if (known != credentials_.end() && known->second.resting.active(now.steady)) {
      const auto until = to_wall(known->second.resting.until(), now);
      seen.cooldowns.push_back(
          {.credential = c.id, .why = reason::credential_cooling, .until = until});
      cooling += c.enabled ? 1 : 0;
      first_back = std::min(first_back, until);
    }
  }
  if (enabled > 0 && invalid == enabled)
    raise(seen, health_state::invalid, std::nullopt);
  else if (cooling > 0 && cooling + invalid == enabled)
    raise(seen, health_state::cooling, first_back);
}

} // namespace axonhub::policy
