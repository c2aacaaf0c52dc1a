#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "policy/cooldown.hpp"

namespace axonhub::policy {

struct breaker_rule {
  std::size_t failures = 5;                       ///< So many in a row open it,
  milliseconds window = std::chrono::seconds{60}; ///< when they fall into this time.
  cooldown_rule open{std::chrono::seconds{5}, std::chrono::minutes{2}};
  milliseconds probe_limit = std::chrono::minutes{2}; ///< A probe that never reports is lost.
};

enum class breaker_state : std::uint8_t { closed, open, half_open };

/// Stops attempts at what fails again and again; lets one through now and then to see whether it
/// has come back.
class breaker {
public:
  explicit breaker(const breaker_rule& rule) : rule_(rule) {}

  breaker_state state(steady_time now) const;

  /// True when an attempt may go: closed, or half open while no probe is under way.
  bool admits(steady_time now) const;

  /// An attempt goes. While the breaker is half open it is the probe; one before that is a last
  /// resort, whose failure lets the pause begin anew but not grow. `lease` is never 0.
  void begin_probe(std::uint64_t lease, steady_time now);

  /// The attempt of this lease, begun at `started`, got an answer: the upstream lives.
  void alive(std::uint64_t lease, steady_time started);

  /// It failed in a way that counts. Failures of attempts begun before it opened, or before one
  /// that has been answered, say nothing new.
  void fail(std::uint64_t lease, steady_time started, steady_time now, double jitter);

  /// Its answer broke off after it had begun well. That is news however long ago it began.
  void break_off(std::uint64_t lease, steady_time now, double jitter);

  /// An answer has come to its good end: those that broke off before it say nothing any more.
  void ended_well();

  /// Whether the next attempt's answer decides something: it is not closed, or counts failures.
  bool is_in_doubt() const;

  /// It ended without a verdict: the next one may probe.
  void give_back(std::uint64_t lease);

  /// Until the next probe may go; the time to ask again while one is under way.
  milliseconds left(steady_time now) const;
  steady_time until() const { return open_until_; }

private:
  struct failure {
    steady_time
        started; ///< Of an attempt that was not answered: an answer to a later one erases it.
    steady_time at;
    bool broke_off = false;
  };
  void count(failure seen, double jitter);
  void open(steady_time now, double jitter);

  breaker_rule rule_;
  std::vector<failure> failures_; ///< In a row, the oldest first; only while closed.
  bool closed_ = true;
  steady_time opened_at_;
  steady_time answered_; ///< Start of the newest attempt that was answered.
  steady_time open_until_;
  steady_time probe_began_;
  std::uint64_t probe_ = 0; ///< Its lease; 0: none.
  unsigned step_ = 0;       ///< Doublings of the next opening.
};

} // namespace axonhub::policy
