#include "tests/simulation/judge.hpp"

#include <algorithm>

namespace axonhub::simulation {
namespace {

using policy::reason;
using std::chrono::minutes;

constexpr auto troubled_for = milliseconds{10'000};

bool blames_channel(policy::failure_kind kind) {
  const auto effect = policy::rule_for(kind).effect;
  return effect == policy::health_effect::breaker || effect == policy::health_effect::cooldown;
}

milliseconds clamped(milliseconds told) {
  return std::clamp(told, milliseconds{1000}, milliseconds{minutes{15}});
}

std::string at(milliseconds t) { return " at " + std::to_string(t.count()) + " ms"; }

} // namespace

void totals::add(const totals& other) {
  requests += other.requests;
  attempts += other.attempts;
  answered += other.answered;
  refused += other.refused;
  broken += other.broken;
  untried += other.untried;
  for (const auto& [weight, seen] : other.by_weight) {
    by_weight[weight].chosen += seen.chosen;
    by_weight[weight].expected += seen.expected;
  }
}

judge::judge(const scenario& s, const virtual_clock& clock)
    : s_(s),
      clock_(clock),
      channels_(s.channels.size()),
      homes_(s.sessions.size()),
      counted_(s.sessions.size()) {}

void judge::breach(const request_seen* r, std::string what) {
  if (r != nullptr)
    what = "request " + std::to_string(r->number) + ": " + what;
  breaches_.push_back(what + at(clock_.passed()));
}

std::size_t judge::index_of(const channel_id& id) const {
  const auto found =
      std::ranges::find(s_.channels, id, [](const auto& c) { return c.what.channel; });
  return static_cast<std::size_t>(found - s_.channels.begin());
}

void judge::begins(const request_seen& r) {
  ++sums_.requests;
  ++active_;
  down_requests_ += is_down(r.began) ? 1 : 0;
  ++keys_[s_.sessions[r.session].key].asked;
}

// ------------------------------------------------------------------ healing

/// How long after its trouble a channel may still be kept out: the longest rest, with its spread,
/// and an attempt that began in the trouble and told of it later.
milliseconds judge::heals_within(const channel_script& c) const {
  auto rest = milliseconds{minutes{2}} * 12 / 10;
  for (const auto& p : c.phases) {
    if (p.how == mood::forgetful)
      rest = std::max(rest, milliseconds{minutes{10}});
    rest = std::max(rest, p.retry_after.value_or(milliseconds{0}) * 12 / 10); // with its spread
  }
  if (s_.about == theme::outage)
    rest = (s_.down_until - s_.down_from) * 3 / 2 + milliseconds{7'000};
  return rest + longest_attempt;
}

void judge::refused(std::size_t channel, const policy::refusal& why, bool last_resort) {
  const auto now = clock_.passed();
  const auto& script = s_.channels[channel];
  auto& seen = channels_[channel];
  if (why.by_health && last_resort)
    breach(nullptr, script.what.channel.text + " refuses a last resort by its health");
  const auto fine = script.fine_since(now);
  if (why.by_health && seen.under_way == 0 && fine && now - *fine > heals_within(script))
    breach(nullptr, script.what.channel.text + " has not healed");
  if (why.why == reason::credential_invalid && seen.refused.size() < script.credentials.size())
    breach(nullptr, script.what.channel.text + " is out though not every credential was refused");
}

// ------------------------------------------------------------------ leases and attempts

void judge::leased(request_seen& r, std::size_t channel, const policy::lease& given) {
  auto& seen = channels_[channel];
  ++seen.under_way;
  if (seen.refused.contains(given.credential))
    breach(&r, "a lease on " + given.credential.text + ", which was refused with 401");
  if (const auto rest = seen.rests_until.find(given.credential);
      rest != seen.rests_until.end() && clock_.passed() < rest->second)
    breach(&r, "a lease on " + given.credential.text + ", which rests after a 429");
  if (r.granted)
    return;
  r.granted = true;
  check_home(r, channel, given);
  count_spread(r, channel);
}

/// A session whose own channel is well goes there.
void judge::check_home(const request_seen& r, std::size_t channel, const policy::lease& given) {
  const auto& home = homes_[r.session];
  const auto now = clock_.passed();
  if (!home || home->channel == channel || now - home->last_used > s_.affinity_promised)
    return;
  const auto& script = s_.channels[home->channel];
  const auto& seen = channels_[home->channel];
  if (script.limits.rate.any() || !script.revoked.empty())
    return;
  const auto fine = script.fine_since(now);
  if (!fine)
    return;
  const auto always = script.is_always_fine();
  const auto healed =
      now - *fine > heals_within(script) && seen.answered_at.value_or(*fine) > *fine;
  if (always || healed)
    breach(&r,
           "its session is at " + script.what.channel.text + ", it went to " + given.channel.text);
}

/// The first choice of a session, while every channel is as new.
void judge::count_spread(const request_seen& r, std::size_t channel) {
  if (counted_[r.session] || s_.sessions[r.session].trace.empty())
    return;
  counted_[r.session] = true;
  auto least = s_.channels.front().what.priority;
  for (const auto& c : s_.channels) {
    least = std::min(least, c.what.priority);
    if (!c.is_always_fine() && c.phases.size() < 2)
      return; // in trouble from the beginning, or limited
    if (c.phases.size() > 1 && c.phases[1].from <= clock_.passed())
      return;
    if (c.limits.rate.any())
      return;
  }
  auto sum = 0.0;
  for (const auto& c : s_.channels)
    if (c.what.priority == least)
      sum += c.what.weight;
  for (const auto& c : s_.channels)
    if (c.what.priority == least)
      sums_.by_weight[c.what.weight].expected += c.what.weight / sum;
  sums_.by_weight[s_.channels[channel].what.weight].chosen += 1;
}

void judge::attempts(request_seen& r, std::size_t channel, const policy::lease& used, bool again) {
  const auto now = clock_.passed();
  ++sums_.attempts;
  down_attempts_ += is_down(now) && is_down(r.began) ? 1 : 0;
  const auto moves = r.attempts > 0;
  r.tried.emplace(channel, used.credential);
  if (++r.attempts > 4)
    breach(&r, "a fifth attempt");
  const auto& failed_at = channels_[channel].failed_at;
  const auto troubled = failed_at && now - *failed_at < troubled_for;
  r.extra = again || (moves && troubled && used.why != reason::last_resort);
  if (!r.extra)
    return;
  const auto most = std::max<std::size_t>(3, active_ * 20 / 100);
  if (++extra_ > most)
    breach(&r, std::to_string(extra_) + " attempts where there is trouble, for " +
                   std::to_string(active_) + " requests");
}

void judge::extra_ended(request_seen& r) {
  extra_ -= r.extra ? 1 : 0;
  r.extra = false;
}

void judge::failed(std::size_t channel, const policy::lease& used,
                   const policy::attempt_failure& why) {
  auto& seen = channels_[channel];
  const auto now = clock_.passed();
  if (blames_channel(why.kind))
    seen.failed_at = now;
  if (why.kind == policy::failure_kind::unauthorized)
    seen.refused.emplace(used.credential, now);
  if (why.kind == policy::failure_kind::rate_limited && why.retry_after) {
    auto& until = seen.rests_until[used.credential];
    until = std::max(until, now + clamped(*why.retry_after));
  }
}

void judge::writes(request_seen& r) {
  if (r.writer == 0)
    r.writer = r.attempts;
  else if (r.writer != r.attempts)
    breach(&r, "an answer made of two attempts");
}

} // namespace axonhub::simulation
