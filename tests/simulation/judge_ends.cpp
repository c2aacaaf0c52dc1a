#include <algorithm>

#include "tests/simulation/judge.hpp"

/// The laws of how a request ends, and of a run as a whole.
namespace axonhub::simulation {
namespace {

constexpr auto warm_for = milliseconds{std::chrono::minutes{5}};

} // namespace

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
  if (how == ending::answered)
    is_answered(r);
  else if (how == ending::refused)
    is_refused(r, retry_after);
  else if (how == ending::broken)
    ++sums_.broken;
  if (is_down(r.began) && is_down(now) && how != ending::left) {
    ++down_ended_;
    down_quick_ += took <= milliseconds{100} ? 1 : 0;
  }
}

void judge::is_answered(const request_seen& r) {
  ++sums_.answered;
  ++keys_[s_.sessions[r.session].key].answered;
  channels_[index_of(r.outcome.served->channel)].answered_at = clock_.passed();
  if (r.writer == 0)
    breach(&r, "an answer without content");
  remember_home(r);
}

void judge::is_refused(const request_seen& r, std::optional<milliseconds> retry_after) {
  ++sums_.refused;
  sums_.untried += r.attempts == 0 ? 1 : 0;
  const auto by_health = std::ranges::any_of(r.refusals, &policy::refusal::by_health);
  const auto has_wait =
      std::ranges::any_of(r.refusals, [](const auto& x) { return x.wait.count() > 0; });
  if (r.writer != 0)
    breach(&r, "an error after content");
  if (by_health && r.attempts == 0)
    breach(&r, "refused by health alone, without an attempt");
  if (by_health && r.attempts < 4 && !r.had_last_resort)
    breach(&r, "given up while a channel that rests could be tried");
  constexpr auto in_reach = std::size_t{3}; // of four attempts, one is a second try
  for (std::size_t i = 0; i < s_.channels.size(); ++i)
    if (r.tried.size() < in_reach && s_.channels[i].is_always_fine() &&
        !s_.channels[i].limits.rate.any() &&
        std::ranges::none_of(r.tried, [i](const auto& t) { return t.first == i; }))
      breach(&r, "given up without a look at " + s_.channels[i].what.channel.text +
                     ", which is always well");
  if (has_wait && !retry_after)
    breach(&r, "the client is not told how long to wait");
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
  const auto channel = index_of(served.channel);
  // Within its channel it moves at once when its credential is out for longer than the cache lives.
  if (home && home->channel == channel && home->credential != served.credential &&
      home->warm_until - now <= served.preferred_away)
    home = judge::home{channel, served.credential, now, now};
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
  // A rest grows from a second to two minutes in seven steps, a breaker's pause in five: each step
  // ends with a look.
  const auto most = 12 * down_requests_ / 10 + 12 * channels_.size();
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
