#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "config/config.hpp"

namespace axonhub::net {

/// How long a client may be silent while it sends its body: a grace, then as long as its average
/// stays above the least rate.
class body_pace {
public:
  explicit body_pace(const config::limit_settings& limits)
      : limits_(limits), started_(std::chrono::steady_clock::now()) {}

  milliseconds patience(std::size_t bytes_so_far) const {
    if (limits_.body_min_rate == 0)
      return limits_.client_write_stall;
    const auto spent =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started_);
    const auto earned = milliseconds{bytes_so_far * 1000 / limits_.body_min_rate};
    const auto left = limits_.header_timeout + earned - spent;
    return std::clamp(left, milliseconds{1}, limits_.header_timeout);
  }

private:
  const config::limit_settings& limits_;
  std::chrono::steady_clock::time_point started_;
};

/// A share of the memory for request bodies, given back when it goes.
class body_ticket {
public:
  body_ticket() = default;
  ~body_ticket() { give_back(); }
  body_ticket(const body_ticket&) = delete;
  body_ticket& operator=(const body_ticket&) = delete;

  /// False, and nothing taken, when `limit` bytes would be exceeded.
  bool take(std::atomic<std::uint64_t>& used, std::uint64_t bytes, std::uint64_t limit) {
    give_back();
    return grow_to(used, bytes, limit);
  }

  /// The same on top of what it has. False, and nothing changed, when it would be too much.
  bool grow_to(std::atomic<std::uint64_t>& used, std::uint64_t bytes, std::uint64_t limit) {
    if (bytes < bytes_)
      return true;
    const auto more = bytes - bytes_;
    if (used.fetch_add(more, std::memory_order_relaxed) + more > limit) {
      used.fetch_sub(more, std::memory_order_relaxed);
      return false;
    }
    used_ = &used;
    bytes_ = bytes;
    return true;
  }

  /// Counts the bytes, whatever the limit: what comes later is refused the earlier.
  void add(std::atomic<std::uint64_t>& used, std::uint64_t bytes) {
    give_back();
    used.fetch_add(bytes, std::memory_order_relaxed);
    used_ = &used;
    bytes_ = bytes;
  }

  void give_back() {
    if (used_ != nullptr)
      used_->fetch_sub(bytes_, std::memory_order_relaxed);
    used_ = nullptr;
    bytes_ = 0;
  }

private:
  std::atomic<std::uint64_t>* used_ = nullptr;
  std::uint64_t bytes_ = 0;
};

} // namespace axonhub::net
