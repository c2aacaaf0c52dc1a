#include "net/upstream_pool.hpp"

#include <algorithm>
#include <utility>

#include "net/coarse_time.hpp"

namespace axonhub::net {

void upstream_pool::drop_old(std::vector<idle>& waiting, steady_time now) {
  // Oldest first, as they were put: stop at the first young one.
  const auto young = std::ranges::find_if(
      waiting, [&](const idle& i) { return now - i.since < idle_life_ && i.what->is_open(); });
  waiting.erase(waiting.begin(), young);
}

connection_ptr upstream_pool::take(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end())
    return nullptr;
  auto& waiting = found->second;
  const auto now = coarse_now();
  while (!waiting.empty()) {
    auto last = std::move(waiting.back());
    waiting.pop_back();
    if (now - last.since >= idle_life_) {
      waiting.clear(); // the others are older still
      break;
    }
    if (last.what->is_quiet()) {
      drop_old(waiting, now);
      return std::move(last.what);
    }
  }
  return nullptr;
}

void upstream_pool::sweep(steady_time now) {
  for (auto at = idle_.begin(); at != idle_.end();) {
    drop_old(at->second, now);
    at = at->second.empty() ? idle_.erase(at) : std::next(at);
  }
}

void upstream_pool::put(const std::string& key, connection_ptr c) {
  c->clear_deadline();
  auto& waiting = idle_[key];
  if (waiting.size() >= idle_per_target)
    waiting.erase(waiting.begin());
  // One that its upstream closes while it waits goes at once: no dead socket lingers.
  auto* const raw = c.get();
  raw->watch_peer([raw] { raw->close(); }, false);
  waiting.push_back({std::move(c), coarse_now()});
}

} // namespace axonhub::net
