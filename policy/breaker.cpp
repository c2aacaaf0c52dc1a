#include "policy/breaker.hpp"

#include <algorithm>

namespace axonhub::policy {

breaker_state breaker::state(steady_time now) const {
  if (closed_)
    return breaker_state::closed;
  return now < open_until_ ? breaker_state::open : breaker_state::half_open;
}

bool breaker::admits(steady_time now) const {
  const auto probing = probe_ != 0 && now - probe_began_ < rule_.probe_limit;
  return closed_ || (state(now) == breaker_state::half_open && !probing);
}

void breaker::begin_probe(std::uint64_t lease, steady_time now) {
  if (state(now) != breaker_state::half_open) // a last resort asks before its time
    return;
  probe_ = lease;
  probe_began_ = now;
}

void breaker::alive(std::uint64_t lease, steady_time started) {
  give_back(lease);
  answered_ = std::max(answered_, started);
  if (started <= opened_at_)
    return;
  closed_ = true;
  std::erase_if(failures_, [&](const failure& f) { return !f.broke_off && f.started <= started; });
  step_ /= 2;
}

void breaker::fail(std::uint64_t lease, steady_time started, steady_time now, double jitter) {
  const auto was_probe = probe_ == lease;
  give_back(lease);
  if (started < answered_)
    return;
  if (!closed_) {
    if (was_probe || started >= open_until_)
      open(now, jitter);
    else if (started > opened_at_) // a last resort: it stays open, and no longer for being asked
      open_until_ =
          std::max(open_until_, now + growing_wait(rule_.open, step_ > 0 ? step_ - 1 : 0, jitter));
    return;
  }
  count({.started = started, .at = now}, jitter);
}

void breaker::count(failure seen, double jitter) {
  std::erase_if(failures_, [&](const failure& f) { return seen.at - f.at > rule_.window; });
  failures_.push_back(seen);
  if (failures_.size() >= rule_.failures)
    open(seen.at, jitter);
}

void breaker::break_off(std::uint64_t lease, steady_time now, double jitter) {
  give_back(lease);
  if (closed_)
    count({.started = now, .at = now, .broke_off = true}, jitter);
}

void breaker::ended_well() {
  std::erase_if(failures_, [](const failure& f) { return f.broke_off; });
}

bool breaker::is_in_doubt() const {
  return !closed_ || std::ranges::any_of(failures_, [](const failure& f) { return !f.broke_off; });
}

void breaker::give_back(std::uint64_t lease) {
  if (probe_ == lease)
    probe_ = 0;
}

milliseconds breaker::left(steady_time now) const {
  if (closed_)
    return milliseconds{0};
  const auto wait = time_left(open_until_, now);
  return wait.count() == 0 && !admits(now) ? milliseconds{std::chrono::seconds{1}} : wait;
}

void breaker::open(steady_time now, double jitter) {
  closed_ = false;
  probe_ = 0;
  failures_.clear();
  opened_at_ = now;
  open_until_ = now + growing_wait(rule_.open, step_++, jitter);
}

} // namespace axonhub::policy
