#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace axonhub::policy {

struct retry_rules {
  std::uint32_t percent = 20; ///< Of the active requests,
  std::uint32_t least = 3;    ///< but so many in any case.
};

/// Bounds the attempts that add load to what is in trouble already: a second try at the same
/// channel, a move to one that has just failed. A request's first attempt, its one last resort and
/// a move to a channel in good health are free. One for the node; used from every thread.
class retry_budget {
public:
  explicit retry_budget(const retry_rules& rules = {}) : rules_(rules) {}

  /// Leave for one such attempt, as long as it is held.
  class share {
  public:
    share() = default;
    share(share&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    share& operator=(share&& other) noexcept {
      give_back();
      from_ = std::exchange(other.from_, nullptr);
      return *this;
    }
    ~share() { give_back(); }

    bool is_held() const { return from_ != nullptr; }
    void give_back() {
      if (auto* from = std::exchange(from_, nullptr))
        from->extra_.fetch_sub(1, std::memory_order_relaxed);
    }

  private:
    friend class retry_budget;
    explicit share(retry_budget* from) : from_(from) {}

    retry_budget* from_ = nullptr;
  };

  /// Counts a request as active while it exists.
  class active_request {
  public:
    explicit active_request(retry_budget& in) : in_(in) {
      in_.active_.fetch_add(1, std::memory_order_relaxed);
    }
    ~active_request() { in_.active_.fetch_sub(1, std::memory_order_relaxed); }
    active_request(const active_request&) = delete;
    active_request& operator=(const active_request&) = delete;

  private:
    retry_budget& in_;
  };

  /// A share, or none when all are held.
  share take() {
    const auto active = active_.load(std::memory_order_relaxed);
    const auto most = std::max<std::uint64_t>(rules_.least, active * rules_.percent / 100);
    if (extra_.fetch_add(1, std::memory_order_relaxed) < most)
      return share{this};
    extra_.fetch_sub(1, std::memory_order_relaxed);
    return {};
  }

  /// For those who watch.
  std::uint64_t active() const { return active_.load(std::memory_order_relaxed); }
  std::uint64_t extra() const { return extra_.load(std::memory_order_relaxed); }

private:
  retry_rules rules_;
  std::atomic<std::uint64_t> active_ = 0;
  std::atomic<std::uint64_t> extra_ = 0;
};

} // namespace axonhub::policy
