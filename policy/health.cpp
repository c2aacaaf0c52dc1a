#include "policy/health.hpp"

#include <algorithm>
#include <utility>

#include "policy/stable_hash.hpp"

namespace axonhub::policy {
namespace {

std::string shortened(std::string_view text) { return std::string{text.substr(0, 300)}; }

bool holds(const std::vector<credential_id>& ids, const credential_id& id) {
  return std::ranges::find(ids, id) != ids.end();
}

/// Whether the answer had begun well before it failed.
bool broke_off(failure_kind kind) {
  using enum failure_kind;
  return kind == stall || kind == cut || kind == stream_error;
}

} // namespace

channel_health::channel_health(channel_id id, health_rules rules)
    : id_(std::move(id)), rules_(rules) {}

acquire_answer channel_health::acquire(const acquire_request& wanted,
                                       const std::vector<credential_facts>& credentials,
                                       instant now) {
  auto choice = choose_credential(wanted, credentials, now);
  const auto unwell = health_refusal(wanted.upstream_model, now.steady);
  if (choice.found == nullptr || (unwell && !wanted.last_resort))
    return {.granted = {}, .refused = choice.found == nullptr ? choice.refused : *unwell};
  const auto number = ++last_lease_;
  leases_.emplace(number, open_lease{.granted_at = now.steady,
                                     .heard_at = now.steady,
                                     .credential_revision = choice.found->revision,
                                     .counts_tokens = wanted.counts_tokens});
  auto given = lease{.number = number,
                     .channel = id_,
                     .credential = choice.found->id,
                     .upstream_model = wanted.upstream_model,
                     .why = unwell ? reason::last_resort : reason::preferred,
                     .troubled = is_troubled(wanted.upstream_model, now.steady),
                     .awaited = unwell && !wanted.counts_tokens};
  if (choice.found->id != wanted.preferred)
    given.preferred_away = time_away(wanted.preferred, credentials, now);
  if (const auto m = models_.find(wanted.upstream_model);
      m != models_.end() && !wanted.counts_tokens) {
    m->second.breaker.begin_probe(number, now.steady);
    given.awaited |= m->second.breaker.is_in_doubt();
  }
  return {.granted = std::move(given)};
}

milliseconds channel_health::time_away(const credential_id& wished,
                                       const std::vector<credential_facts>& credentials,
                                       instant now) const {
  if (wished.empty())
    return milliseconds{0};
  const auto known = std::ranges::find(credentials, wished, &credential_facts::id);
  if (known == credentials.end() || !known->enabled || is_invalid(*known, now.wall))
    return milliseconds::max();
  return rest_left(wished, now.steady);
}

bool channel_health::is_troubled(const shared_text& model, steady_time now) const {
  const auto known = models_.find(model);
  return known != models_.end() && known->second.failed_at &&
         now - *known->second.failed_at < rules_.troubled;
}

std::optional<refusal> channel_health::would_refuse(
    const acquire_request& wanted, const std::vector<credential_facts>& credentials,
    instant now) const {
  auto choice = choose_credential(wanted, credentials, now);
  if (choice.found == nullptr)
    return std::move(choice.refused);
  return wanted.last_resort ? std::nullopt : health_refusal(wanted.upstream_model, now.steady);
}

channel_health::credential_choice channel_health::choose_credential(
    const acquire_request& wanted, const std::vector<credential_facts>& credentials,
    instant now) const {
  auto choice = credential_choice{};
  if (stopping_) {
    choice.refused = refuse(reason::stopping);
    return choice;
  }
  auto enabled = false, cooling = false, excluded = false;
  auto shortest = milliseconds::max();
  auto best_score = std::uint64_t{0};
  const auto seed = wanted.seed != 0 ? wanted.seed : stable_hash(wanted.request.text);
  for (const auto& c : credentials) {
    if (!c.enabled)
      continue;
    enabled = true;
    if (is_invalid(c, now.wall))
      continue;
    if (holds(wanted.excluded, c.id)) {
      excluded = true;
      continue;
    }
    if (const auto left = rest_left(c.id, now.steady); left.count() > 0) {
      cooling = true;
      shortest = std::min(shortest, left);
      continue;
    }
    if (c.id == wanted.preferred)
      return {.found = &c, .refused = {}};
    // Who has no wish spreads evenly; a session, or a request without one, keeps its credential.
    const auto score = stable_hash(c.id.text, seed);
    if (choice.found == nullptr || score > best_score) {
      choice.found = &c;
      best_score = score;
    }
  }
  if (choice.found == nullptr)
    choice.refused = !enabled   ? refuse(reason::no_credential)
                     : cooling  ? refuse(reason::credential_cooling, shortest)
                     : excluded ? refuse(reason::already_failed)
                                : refuse(reason::credential_invalid);
  return choice;
}

std::optional<refusal> channel_health::health_refusal(const shared_text& model,
                                                      steady_time now) const {
  const auto found = models_.find(model);
  if (found == models_.end())
    return std::nullopt;
  const auto& m = found->second;
  if (!m.breaker.admits(now))
    return refuse(reason::breaker_open, m.breaker.left(now), true);
  if (m.resting.active(now))
    return refuse(reason::cooling, m.resting.left(now), true);
  if (m.absent_until > now)
    return refuse(reason::model_absent, time_left(m.absent_until, now), true);
  return std::nullopt;
}

refusal channel_health::refuse(reason why, milliseconds wait, bool by_health) const {
  return {.channel = id_, .why = why, .wait = wait, .by_health = by_health};
}

bool channel_health::is_invalid(const credential_facts& c, wall_time now) const {
  return !c.invalid_reason.empty() || (c.expires_at && *c.expires_at <= now) || is_benched(c);
}

bool channel_health::is_benched(const credential_facts& c) const {
  const auto known = credentials_.find(c.id);
  return known != credentials_.end() && !known->second.bench_reason.empty() &&
         known->second.bench_revision == c.revision;
}

milliseconds channel_health::rest_left(const credential_id& id, steady_time now) const {
  const auto known = credentials_.find(id);
  return known == credentials_.end() ? milliseconds{0} : known->second.resting.left(now);
}

void channel_health::alive(const lease& used, const std::vector<credential_facts>& credentials) {
  const auto known = leases_.find(used.number);
  if (known == leases_.end() || known->second.counts_tokens ||
      (restored_at_ && known->second.granted_at <= *restored_at_))
    return;
  known->second.was_alive = true;
  learn_success(used, known->second, credentials);
}

void channel_health::renew(const lease& used, steady_time now) {
  if (const auto known = leases_.find(used.number); known != leases_.end())
    known->second.heard_at = now;
}

std::optional<std::uint64_t> channel_health::take_lost(steady_time now) {
  const auto is_old = [&](steady_time t) { return now - t >= rules_.longest_lease; };
  auto at = leases_.begin(); // the oldest; few are older than that
  while (at != leases_.end() && is_old(at->second.granted_at) && !is_old(at->second.heard_at))
    ++at;
  if (at == leases_.end() || !is_old(at->second.granted_at))
    return std::nullopt;
  const auto number = at->first;
  leases_.erase(at);
  for (auto& [model, m] : models_)
    m.breaker.give_back(number);
  return number;
}

void channel_health::restore(steady_time now) {
  restored_at_ = now;
  models_.clear();
  for (auto& [id, c] : credentials_)
    c.resting = {};
}

void channel_health::restore(const credential_id& id, steady_time now) {
  credentials_.insert_or_assign(id, credential_health{.restored_at = now});
}

release_effect channel_health::release(const attempt_outcome& outcome,
                                       const std::vector<credential_facts>& credentials,
                                       instant now, double jitter) {
  auto effect = release_effect{};
  const auto known = leases_.find(outcome.used.number);
  if (known == leases_.end())
    return effect;
  const auto begun = known->second;
  leases_.erase(known);
  if (restored_at_ && begun.granted_at <= *restored_at_)
    return effect;
  if (outcome.neutral || begun.counts_tokens) {
    if (const auto m = models_.find(outcome.used.upstream_model); m != models_.end())
      m->second.breaker.give_back(outcome.used.number);
    return effect;
  }
  const auto before = health_refusal(outcome.used.upstream_model, now.steady);
  if (outcome.failed) {
    remember_error(outcome, now.wall);
    learn_failure(outcome, begun, has_todays_value(outcome.used, begun, credentials), now.steady,
                  jitter, effect);
  } else {
    if (!begun.was_alive) // or it is known
      learn_success(outcome.used, begun, credentials);
    if (const auto m = models_.find(outcome.used.upstream_model); m != models_.end())
      m->second.breaker.ended_well();
  }
  if (outcome.slow)
    models_.try_emplace(outcome.used.upstream_model, rules_.breaker).first->second.failed_at =
        now.steady;
  const auto after = health_refusal(outcome.used.upstream_model, now.steady);
  effect.changed |=
      before.has_value() != after.has_value() || (before && before->why != after->why);
  return effect;
}

/// Whether an attempt says anything of its credential: not when the operator has acted since.
bool channel_health::has_todays_value(const lease& used, const open_lease& begun,
                                      const std::vector<credential_facts>& credentials) const {
  const auto today = std::ranges::find(credentials, used.credential, &credential_facts::id);
  const auto known = credentials_.find(used.credential);
  return today != credentials.end() && today->revision == begun.credential_revision &&
         (known == credentials_.end() || begun.granted_at > known->second.restored_at);
}

void channel_health::learn_success(const lease& used, const open_lease& begun,
                                   const std::vector<credential_facts>& credentials) {
  const auto started = begun.granted_at;
  auto& m = models_.try_emplace(used.upstream_model, rules_.breaker).first->second;
  m.breaker.alive(used.number, started);
  m.resting.succeed(started);
  m.good_since = std::max(m.good_since, started);
  if (started >= m.absent_since)
    m.absent_until = {};
  if (has_todays_value(used, begun, credentials))
    credentials_[used.credential].resting.succeed(started);
}

void channel_health::learn_failure(const attempt_outcome& outcome, const open_lease& begun,
                                   bool todays_value, steady_time now, double jitter,
                                   release_effect& effect) {
  const auto started = begun.granted_at;
  const auto& used = outcome.used;
  const auto& failed = *outcome.failed;
  const auto told =
      failed.retry_after ? std::optional{clamp_retry_after(*failed.retry_after)} : std::nullopt;
  auto& model = models_.try_emplace(used.upstream_model, rules_.breaker).first->second;
  const auto what = rule_for(failed.kind).effect;
  if (what == health_effect::breaker || what == health_effect::cooldown)
    model.failed_at = now;
  if (what == health_effect::breaker && broke_off(failed.kind))
    model.breaker.break_off(used.number, now, jitter);
  else if (what == health_effect::breaker)
    model.breaker.fail(used.number, started, now, jitter);
  else if (failed.http_status != 0 || what != health_effect::none)
    model.breaker.alive(used.number, started); // It answered, if only to refuse.
  else
    model.breaker.give_back(used.number);

  switch (what) {
    case health_effect::none:
    case health_effect::breaker:
      break;
    case health_effect::cooldown:
      model.resting.fail(started, now, told, rules_.server_error, jitter);
      break;
    case health_effect::model_absent:
      if (started < model.good_since)
        break;
      model.absent_until = now + rules_.model_absent;
      model.absent_since = std::max(model.absent_since, started);
      break;
    case health_effect::credential_cooldown:
      if (!todays_value)
        break;
      credentials_[used.credential].resting.fail(started, now, told, rules_.rate_limit, jitter);
      effect.changed = true;
      break;
    case health_effect::credential_bench:
      if (todays_value)
        bench(used.credential, failed, begun, effect);
      break;
  }
}

void channel_health::bench(const credential_id& id, const attempt_failure& failed,
                           const open_lease& begun, release_effect& effect) {
  auto& c = credentials_[id];
  const auto revision = begun.credential_revision;
  if (revision == c.bench_revision && !c.bench_reason.empty()) // it is known
    return;
  c.bench_revision = revision;
  c.bench_reason =
      failed.message.empty() ? std::string{to_text(failed.kind)} : shortened(failed.message);
  effect = {
      .changed = true, .benched = id, .bench_reason = c.bench_reason, .bench_revision = revision};
}

void channel_health::remember_error(const attempt_outcome& outcome, wall_time now) {
  errors_.push_front({.at = now,
                      .model = outcome.used.upstream_model,
                      .credential = outcome.used.credential,
                      .kind = outcome.failed->kind,
                      .http_status = outcome.failed->http_status,
                      .message = shortened(outcome.failed->message)});
  if (errors_.size() > rules_.errors_kept)
    errors_.pop_back();
}

} // namespace axonhub::policy
