#pragma once

#include <time.h>

#include "base/time.hpp"

namespace axonhub::net {

/// The steady clock to a few milliseconds, behind rather than ahead. It costs a fifth of the exact
/// one: for deadlines, which are looked at ten times a second.
inline steady_time coarse_now() {
  auto t = timespec{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return steady_time{std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec}};
}

} // namespace axonhub::net
