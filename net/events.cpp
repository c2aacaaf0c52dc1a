#include "net/events.hpp"

#include <utility>

namespace axonhub::net {
namespace {

constexpr auto memory_after_last_watcher = std::chrono::minutes{1};

} // namespace

void event_log::publish(std::string_view type, std::string json) {
  const auto lock = std::scoped_lock{mutex_};
  forget_if_unwatched();
  if (!is_watched())
    return;
  events_.push_back({next_++, std::string{type}, std::move(json)});
  if (events_.size() > kept_events)
    events_.pop_front();
  for (const auto& [number, wake] : watchers_)
    wake();
}

void event_log::forget_if_unwatched() {
  const auto now = std::chrono::steady_clock::now();
  if (watchers_.empty() && now - unwatched_since_ > memory_after_last_watcher) {
    watched_ = false;
    events_.clear();
  }
}

std::uint64_t event_log::watch(std::function<void()> wake) {
  const auto lock = std::scoped_lock{mutex_};
  watched_ = true;
  watchers_.emplace(next_watcher_, std::move(wake));
  return next_watcher_++;
}

void event_log::unwatch(std::uint64_t watcher) {
  const auto lock = std::scoped_lock{mutex_};
  watchers_.erase(watcher);
  unwatched_since_ = std::chrono::steady_clock::now();
}

event_log::batch event_log::since(std::uint64_t after) const {
  const auto lock = std::scoped_lock{mutex_};
  auto found = batch{};
  found.gap = after != 0 && after + 1 < (events_.empty() ? next_ : events_.front().number);
  for (const auto& e : events_)
    if (e.number > after)
      found.events.push_back(e);
  return found;
}

std::uint64_t event_log::last_number() const {
  const auto lock = std::scoped_lock{mutex_};
  return next_ - 1;
}

} // namespace axonhub::net
