#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "llm/anthropic_stream.hpp"
#include "llm/error_body.hpp"
#include "policy/failure.hpp"
#include "policy/route.hpp"

/// The life of one client request over its attempts: when to try again and where, which bytes the
/// client may have, and how it ends. Pure: the coroutine in net/ only obeys.
namespace axonhub::policy {

struct exchange_rules {
  std::uint32_t max_attempts = 4;
  std::uint32_t retries_here = 1; ///< Second tries at a channel, of a request in all.
  /// Bytes held back before the commit point. Responses says twice before its content what it was
  /// asked, instructions and tools included: two events of the largest size.
  std::size_t hold_limit = 8 << 20;
  std::size_t ping_limit = 32 * 1024;   ///< No ping is held beyond so many bytes.
  milliseconds longest_wait_here{2000}; ///< Beyond it, the same channel is not retried.
  bool move_after_commit = false; ///< A planted fault: the model test must find it. Never set.
};

/// What the coroutine does next.
enum class action : std::uint8_t {
  route,       ///< Ask the trace for a lease.
  attempt,     ///< Send the request under the lease in hand, after `wait`.
  relay_error, ///< Answer with the upstream's last error as it came.
  own_error,   ///< Answer with an error of ours.
  error_event, ///< The client reads a stream already: end it with an error event of ours.
  stop,        ///< Nothing more to send; the connection to the client cannot be kept.
  done,        ///< The answer is complete.
};

struct step {
  action what = action::stop;
  milliseconds wait{0};
  bool fresh_connection = false; ///< Not one from the pool.
  bool without_thinking = false; ///< Leave out the thinking blocks of earlier turns.
  llm::client_error error = llm::client_error::api_error;
  std::string message{};                       ///< Of an error of ours.
  std::optional<llm::upstream_failure> told{}; ///< What it says instead: the upstream's refusal.
  std::optional<milliseconds> retry_after{};   ///< For a relayed error that has none of its own.
};

/// What becomes of an event that the current attempt sent.
enum class verdict : std::uint8_t {
  hold,   ///< Kept in held(); the client must not see it yet.
  commit, ///< The client gets held() and then this event: from now on there is no way back.
  pass,   ///< The client gets it.
  refuse, ///< It comes from an attempt that may not speak any more: drop it.
};

/// One attempt that ended badly, as the next one must know.
struct past_attempt {
  lease used;
  attempt_failure failed;
};

class exchange {
public:
  /// `stream`: the client asked for one. `dice` are random bits, for the jitter of waits.
  exchange(const exchange_rules& rules, bool stream, std::uint64_t dice)
      : rules_(rules), stream_(stream), dice_(dice) {}

  step start() const { return {.what = action::route}; }

  /// The trace gave a lease. `may_drop_thinking`: the history may hold thinking that another
  /// account has signed.
  step leased(const lease& granted, bool may_drop_thinking = false);

  /// Whether an attempt under this lease adds load to what is in trouble, so that it needs leave of
  /// the retry budget. A first attempt never does, nor the one last resort of a request: health
  /// alone leaves nobody without an attempt.
  bool needs_leave(const lease& granted) const {
    return !past_.empty() && granted.troubled && granted.why != reason::last_resort;
  }

  /// The trace gave none.
  step refused(const std::vector<refusal>& refusals);

  /// The current attempt ended badly, before or after the commit point. `may_retry`: there is leave
  /// for another try at a channel in trouble.
  step failed(const attempt_failure& why, bool may_retry = true);

  /// The request's own time is over: the next failure is the last.
  void run_out_of_time() { out_of_time_ = true; }

  /// There is no thinking left to leave out.
  void has_no_thinking() { may_drop_thinking_ = false; }

  /// The current attempt sent a whole event.
  verdict event(llm::event_kind kind, std::string_view bytes);

  /// The current attempt's answer is complete, whole and checked: the client may have it.
  step answered();

  /// The hold has lasted so long that the client was given the head of a stream and a ping. Moving
  /// stays allowed; a final failure is an error event from now on.
  void opened() { opened_ = true; }

  /// What was held back, oldest first. Ends the hold.
  std::string take_held() { return std::exchange(held_, {}); }

  /// How much is held back.
  std::size_t held_size() const { return held_.size(); }
  /// It is more than any sane answer has before its first content.
  bool overflows() const { return held_.size() > rules_.hold_limit; }

  /// Whether the client may wait no longer than it does: a stream that is not committed.
  bool is_holding() const { return stream_ && !committed_ && !ended_; }
  bool is_committed() const { return committed_; }
  bool is_opened() const { return opened_ || committed_; }
  std::uint32_t attempts() const { return attempts_; }
  const std::optional<lease>& current() const { return lease_; }
  const std::vector<past_attempt>& past() const { return past_; }

private:
  step conclude(const attempt_failure* last, const std::vector<refusal>& refusals);
  milliseconds wait_before_retry(const attempt_failure& why);
  bool may_drop_thinking(const attempt_failure& why);
  bool may_retry_here(const attempt_failure& why, bool may_retry) const;
  std::optional<milliseconds> shortest_wait(const std::vector<refusal>& refusals) const;

  exchange_rules rules_;
  bool stream_;
  std::uint64_t dice_;
  std::optional<lease> lease_;
  std::vector<past_attempt> past_;
  std::string held_;
  std::uint32_t attempts_ = 0;
  std::uint32_t stale_here_ = 0;   // under the lease in hand
  std::uint32_t retries_here_ = 0; // of the whole request: most attempts are for other channels
  bool out_of_time_ = false;
  bool committed_ = false;
  bool opened_ = false;
  bool ended_ = false;
  bool may_drop_thinking_ = false; // under the lease in hand
  bool has_dropped_thinking_ = false;
};

} // namespace axonhub::policy
