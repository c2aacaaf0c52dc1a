#pragma once

#include <optional>

#include "base/time.hpp"

namespace axonhub::policy {

/// How long something rests when its upstream does not say: `first`, then twice as long each time.
struct cooldown_rule {
  milliseconds first;
  milliseconds most;
};

/// A rest that grows while failures go on and shrinks with success.
class cooldown {
public:
  /// A try that began at `started` failed. Rests for `told` (what the upstream asked for, already
  /// clamped) or for the growing time, spread by `jitter` (in [0, 1)) so that many do not return at
  /// once: never sooner than told, and up to a fifth later. Tries that began before the last rest
  /// are of the same wave, and those that began before one that went well are no news: they count
  /// for no more than they were told.
  void fail(steady_time started, steady_time now, std::optional<milliseconds> told,
            const cooldown_rule& rule, double jitter);

  /// A try that began at `started` went well: ends a rest that began before it.
  void succeed(steady_time started);

  bool active(steady_time now) const { return now < until_; }
  milliseconds left(steady_time now) const;
  steady_time until() const { return until_; }

private:
  steady_time since_; ///< The last rest, of failures that were news.
  steady_time until_;
  steady_time good_;  ///< Start of the newest try that went well.
  unsigned step_ = 0; ///< Doublings of the next rest.
};

/// `first` doubled `step` times, at most `most`, spread by a fifth to both sides.
milliseconds growing_wait(const cooldown_rule& rule, unsigned step, double jitter);

/// What is left of the time until `until`, rounded up; zero when it has passed.
milliseconds time_left(steady_time until, steady_time now);

} // namespace axonhub::policy
