#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace axonhub::net {

/// One thing that happened, for who watches live.
struct live_event {
  std::uint64_t number = 0; ///< Grows by one; the id of the SSE event.
  std::string type;         ///< "request.started", "config.changed", ...
  std::string json;
};

/// The last live events. Kept only while somebody watches, or did a minute ago, so that a watcher
/// who reconnects misses nothing and nobody pays otherwise. Used from every thread.
class event_log {
public:
  static constexpr std::size_t kept_events = 4096;

  /// Whether publishing serves anybody: ask before building an event's text.
  bool is_watched() const { return watched_.load(std::memory_order_relaxed); }

  void publish(std::string_view type, std::string json);

  /// Calls `wake` from the publishing thread whenever there is something new, until unwatch().
  /// Returns the watcher's number.
  std::uint64_t watch(std::function<void()> wake);
  void unwatch(std::uint64_t watcher);

  struct batch {
    std::vector<live_event> events;
    bool gap = false; ///< Events after `after` are lost already.
  };
  /// What happened after event `after`, oldest first.
  batch since(std::uint64_t after) const;
  std::uint64_t last_number() const;

private:
  void forget_if_unwatched();

  std::atomic<bool> watched_ = false;
  mutable std::mutex mutex_;
  std::deque<live_event> events_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, std::function<void()>> watchers_;
  std::uint64_t next_watcher_ = 1;
  std::chrono::steady_clock::time_point unwatched_since_;
};

} // namespace axonhub::net
