#include "net/admin/live_verdict.hpp"

#include <algorithm>
#include <tuple>

namespace axonhub::net {
namespace {

using policy::reason;

bool is_health(reason why) {
  return why == reason::cooling || why == reason::breaker_open || why == reason::model_absent;
}

void object(live_verdict& v, reason why, std::optional<wall_time> until = {}) {
  if (std::ranges::find(v.objections, why) == v.objections.end())
    v.objections.push_back(why);
  if (until && (!v.until || *v.until < *until))
    v.until = until;
}

/// What speaks against each of the channel's credentials; an eligible one ends the matter.
void judge_credentials(live_verdict& v, const policy::catalog& known,
                       const policy::health_view& health, wall_time now) {
  auto worst = reason::no_credential;
  auto until = std::optional<wall_time>{};
  for (const auto* c : known.credentials_of(v.channel)) {
    if (!c->enabled)
      continue;
    const auto rest = std::ranges::find(health.cooldowns, c->id, &policy::seen_rest::credential);
    const auto dead = !c->invalid_reason.empty() || (c->expires_at && *c->expires_at <= now);
    if (!dead && rest == health.cooldowns.end())
      return;
    const auto why = dead ? reason::credential_invalid : rest->why;
    if (why == reason::credential_cooling && rest != health.cooldowns.end() && rest->until)
      until = until ? std::min(*until, *rest->until) : *rest->until;
    if (worst == reason::no_credential || why == reason::credential_cooling)
      worst = why;
  }
  object(v, worst, until);
}

void judge_health(live_verdict& v, const policy::health_view& health) {
  for (const auto* list : {&health.breakers, &health.cooldowns})
    for (const auto& rest : *list)
      if (rest.credential.empty() && rest.model == v.upstream_model)
        object(v, rest.why, rest.until);
}

/// Only health refuses it, so it may be tried when nothing else is left.
bool may_be_last_resort(const live_verdict& v) {
  return !v.objections.empty() && std::ranges::all_of(v.objections, is_health);
}

void find_last_resort(std::vector<live_verdict>& verdicts) {
  if (std::ranges::any_of(verdicts, &live_verdict::is_eligible))
    return;
  auto best = verdicts.end();
  for (auto v = verdicts.begin(); v != verdicts.end(); ++v)
    if (may_be_last_resort(*v) &&
        (best == verdicts.end() ||
         v->until.value_or(wall_time::max()) < best->until.value_or(wall_time::max())))
      best = v;
  if (best == verdicts.end())
    return;
  best->praise = std::move(best->objections);
  best->praise.push_back(reason::last_resort);
  best->objections.clear();
}

} // namespace

std::vector<live_verdict> judge_live(const policy::catalog& known,
                                     const policy::route_question& asked,
                                     const std::map<channel_id, policy::health_view>& health,
                                     const std::optional<policy::binding>& bound,
                                     const std::vector<std::string>& without, wall_time now) {
  auto verdicts = std::vector<live_verdict>{};
  for (auto& said : policy::explain_candidates(known, asked)) {
    auto& v = verdicts.emplace_back();
    v.channel = said.channel;
    v.upstream_model = std::move(said.upstream_model);
    v.objections = std::move(said.objections);
    v.score = said.score;
    v.fallback = said.fallback;
    if (std::ranges::find(without, v.channel.text) != without.end())
      object(v, reason::already_failed);
    const auto seen = health.find(v.channel);
    if (!v.is_eligible() || seen == health.end())
      continue;
    judge_credentials(v, known, seen->second, now);
    judge_health(v, seen->second);
  }
  find_last_resort(verdicts);
  const auto own = [&](const live_verdict& v) { return bound && v.channel == bound->channel; };
  std::ranges::stable_sort(verdicts, {}, [&](const live_verdict& v) {
    return std::tuple{v.fallback, !v.is_eligible() || !own(v)};
  });
  for (auto& v : verdicts)
    if (v.is_eligible() && v.praise.empty()) {
      v.praise.push_back(own(v)                    ? reason::bound
                         : bound                   ? reason::moved
                         : &v == &verdicts.front() ? reason::preferred
                                                   : reason::moved);
    }
  return verdicts;
}

} // namespace axonhub::net
