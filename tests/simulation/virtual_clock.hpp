#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace axonhub::simulation {

/// A clock that jumps from event to event. What is due at the same time happens in the order in
/// which it was planned, so that a run is the same every time.
class virtual_clock {
public:
  instant now() const {
    return {begin + passed_, from_unix_ms(1'800'000'000'000) + milliseconds{passed_}};
  }
  milliseconds passed() const { return passed_; }

  void at(milliseconds when, std::function<void()> what) {
    events_.push_back({std::max(when, passed_), ++planned_, std::move(what)});
    std::ranges::push_heap(events_, is_later);
  }
  void after(milliseconds wait, std::function<void()> what) { at(passed_ + wait, std::move(what)); }

  /// Until nothing is planned any more.
  void run() {
    while (!events_.empty()) {
      std::ranges::pop_heap(events_, is_later);
      auto next = std::move(events_.back());
      events_.pop_back();
      passed_ = next.when;
      next.what();
    }
  }

private:
  struct event {
    milliseconds when;
    std::uint64_t number;
    std::function<void()> what;
  };
  static bool is_later(const event& a, const event& b) {
    return std::pair{a.when, a.number} > std::pair{b.when, b.number};
  }

  static constexpr auto begin = steady_time{} + std::chrono::hours{24};

  milliseconds passed_{0};
  std::uint64_t planned_ = 0;
  std::vector<event> events_; // a heap
};

} // namespace axonhub::simulation
