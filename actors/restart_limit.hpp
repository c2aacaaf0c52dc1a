#pragma once

#include <cstddef>
#include <deque>

#include "base/time.hpp"

namespace axonhub::actors {

/// How often something may be started anew before it counts as beyond repair.
class restart_limit {
public:
  explicit restart_limit(std::size_t most = 5, milliseconds within = std::chrono::minutes{1})
      : most_(most), within_(within) {}

  /// Counts a restart; false when there were too many of late.
  bool allow(steady_time now) {
    while (!restarts_.empty() && now - restarts_.front() >= within_)
      restarts_.pop_front();
    restarts_.push_back(now);
    return restarts_.size() <= most_;
  }

private:
  std::size_t most_;
  milliseconds within_;
  std::deque<steady_time> restarts_;
};

} // namespace axonhub::actors
