#include "policy/cooldown.hpp"

#include <algorithm>

namespace axonhub::policy {

milliseconds growing_wait(const cooldown_rule& rule, unsigned step, double jitter) {
  auto wait = rule.first;
  for (; step > 0 && wait < rule.most; --step)
    wait *= 2;
  wait = std::min(wait, rule.most);
  return std::chrono::duration_cast<milliseconds>(wait * (0.8 + 0.4 * jitter));
}

milliseconds time_left(steady_time until, steady_time now) {
  return until <= now ? milliseconds{0} : std::chrono::ceil<milliseconds>(until - now);
}

void cooldown::fail(steady_time started, steady_time now, std::optional<milliseconds> told,
                    const cooldown_rule& rule, double jitter) {
  if (!told && (started <= since_ || started < good_))
    return;
  if (!told && active(now)) { // a last resort: it still rests, and no longer for having been asked
    until_ = std::max(until_, now + growing_wait(rule, step_ > 0 ? step_ - 1 : 0, jitter));
    return;
  }
  // What was quiet for long starts anew.
  if (now - until_ > rule.most)
    step_ = 0;
  const auto wait = told ? *told + std::chrono::duration_cast<milliseconds>(*told * 0.2 * jitter)
                         : growing_wait(rule, step_, jitter);
  const auto same_wave = active(now) && started <= since_;
  until_ = std::max(until_, now + wait);
  if (same_wave)
    return;
  since_ = now;
  if (!told)
    ++step_;
}

void cooldown::succeed(steady_time started) {
  good_ = std::max(good_, started);
  if (started <= since_)
    return;
  step_ /= 2;
  until_ = since_;
}

milliseconds cooldown::left(steady_time now) const { return time_left(until_, now); }

} // namespace axonhub::policy
