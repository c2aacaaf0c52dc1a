#include "tests/simulation/judge.hpp"

#include <algorithm>

namespace axonhub::simulation {
namespace {

using policy::reason;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto troubled_for = milliseconds{10'000};
constexpr auto warm_for = milliseconds{minutes{5}};

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
    rest = std::max(rest, p.retry_after.value_or(milliseconds{0}));
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

// ------------------------------------------------------------------ ends

void judge::ends(request_seen& r, ending how, std::optional<milliseconds> retry_after) {
  const auto now = clock_.passed();
  extra_ended(r);
  --active_;
  if (r.ended)
    breach(&r, "it ends twice");
  r.ended = true;
  const auto took = now - r.began;
  auto waits = milliseconds{0};
  for (const auto& c : s_.channels)
    waits = std::max(waits, c.limits.queue_timeout);
  if (took > 4 * (longest_attempt + milliseconds{2'000}) + r.routes * 2 * waits)
    breach(&r, "it took " + std::to_string(took.count()) + " ms");
  const auto health = std::ranges::any_of(r.refusals, &policy::refusal::by_health);
  switch (how) {
    case ending::answered: {
      ++sums_.answered;
      ++keys_[s_.sessions[r.session].key].answered;
      auto& seen = channels_[static_cast<std::size_t>(
          std::ranges::find(s_.channels, r.outcome.served->channel,
                            [](const auto& c) { return c.what.channel; }) -
          s_.channels.begin())];
      seen.answered_at = now;
      for (auto& [id, until] : seen.rests_until)
        if (id == r.outcome.served->credential)
          until = std::min(until, now); // it is well again, whatever it said before
      if (r.writer == 0)
        breach(&r, "an answer without content");
      remember_home(r);
      break;
    }
    case ending::refused:
      ++sums_.refused;
      sums_.untried += r.attempts == 0 ? 1 : 0;
      if (r.writer != 0)
        breach(&r, "an error after content");
      if (health && r.attempts == 0)
        breach(&r, "refused by health alone, without an attempt");
      if (health && r.attempts < 4 && !r.had_last_resort && !r.out_of_budget)
        breach(&r, "given up while a channel that rests could be tried");
      if (!retry_after &&
          std::ranges::any_of(r.refusals, [](const auto& x) { return x.wait.count() > 0; }))
        breach(&r, "the client is not told how long to wait");
      break;
    case ending::broken:
      ++sums_.broken;
      break;
    case ending::left:
      break;
  }
  if (is_down(r.began) && is_down(now) && how != ending::left) {
    ++down_ended_;
    down_quick_ += took <= milliseconds{100} ? 1 : 0;
  }
}

void judge::remember_home(const request_seen& r) {
  if (s_.sessions[r.session].trace.empty())
    return;
  auto& home = homes_[r.session];
  const auto now = clock_.passed();
  const auto& served = *r.outcome.served;
  const auto warms = r.outcome.tokens.cache_read > 0;
  if (home && now - home->last_used > s_.affinity_promised)
    home.reset();
  const auto channel = static_cast<std::size_t>(
      std::ranges::find(s_.channels, served.channel, [](const auto& c) { return c.what.channel; }) -
      s_.channels.begin());
  if (home && home->channel == channel && home->credential == served.credential) {
    home->last_used = now;
    home->warm_until = warms ? now + warm_for : home->warm_until;
  } else if (!home || home->warm_until <= now) {
    home = judge::home{channel, served.credential, now, warms ? now + warm_for : now};
  }
}

// ------------------------------------------------------------------ the run as a whole

void judge::check_fairness() {
  auto answered = 0.0;
  for (const auto& [key, seen] : keys_)
    answered += seen.answered;
  const auto share = answered / static_cast<double>(keys_.size());
  for (const auto& [key, seen] : keys_)
    if (seen.answered < std::min(0.8 * seen.asked - 3, 0.75 * share - 3))
      breach(nullptr, key.text + " got " + std::to_string(seen.answered) + " of " +
                          std::to_string(seen.asked) + " answers; an even share is " +
                          std::to_string(share));
}

void judge::check_storm() {
  // Besides, each channel is probed whenever its rest, longer each time, ends.
  const auto most = 12 * down_requests_ / 10 + 8 * channels_.size();
  if (down_attempts_ > most)
    breach(nullptr, std::to_string(down_attempts_) + " attempts for " +
                        std::to_string(down_requests_) + " requests while all is down");
  if (down_quick_ * 2 < down_ended_) // the median
    breach(nullptr, "only " + std::to_string(down_quick_) + " of " + std::to_string(down_ended_) +
                        " requests were refused within 100 ms while all was down");
}

void judge::run_is_over(bool everything_idle) {
  if (active_ != 0)
    breach(nullptr, std::to_string(active_) + " requests never ended");
  if (!everything_idle)
    breach(nullptr, "a lease or a place in a queue was lost");
  if (s_.about == theme::full)
    check_fairness();
  if (s_.about == theme::all_down)
    check_storm();
}

} // namespace axonhub::simulation
