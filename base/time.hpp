#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace axonhub {

using std::chrono::milliseconds;

/// Runs evenly and never jumps: for deadlines. Never stored or sent.
using steady_time = std::chrono::steady_clock::time_point;

/// Civil time in milliseconds since 1970 UTC: for what is stored, sent or shown.
using wall_time = std::chrono::time_point<std::chrono::system_clock, milliseconds>;

/// One moment on both clocks.
struct instant {
  steady_time steady;
  wall_time wall;
};

inline wall_time wall_now() {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

inline instant now() { return {std::chrono::steady_clock::now(), wall_now()}; }

/// Milliseconds since 1970 UTC; 0 stands for "never" in stored values.
inline std::int64_t to_unix_ms(wall_time t) { return t.time_since_epoch().count(); }

inline wall_time from_unix_ms(std::int64_t ms) { return wall_time{milliseconds{ms}}; }

inline milliseconds to_ms(std::chrono::steady_clock::duration d) {
  return std::chrono::duration_cast<milliseconds>(d);
}

/// RFC 3339 in UTC with milliseconds: 2026-11-22T10:36:00.000Z.
std::string to_rfc3339(wall_time t);

} // namespace axonhub
