#include "actors/live_traces.hpp"

#include <algorithm>
#include <utility>

namespace axonhub::actors {

const live_traces::entry* live_traces::use(const trace_id& id, steady_time now) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end())
    return nullptr;
  entries_.splice(entries_.begin(), entries_, known->second);
  known->second->last_used = now;
  return &*known->second;
}

const live_traces::entry* live_traces::find(const trace_id& id) const {
  const auto known = by_id_.find(id);
  return known == by_id_.end() ? nullptr : &*known->second;
}

const live_traces::entry& live_traces::add(trace_id id, trace_actor actor, steady_time now) {
  entries_.push_front({.id = std::move(id), .actor = std::move(actor), .last_used = now});
  const auto at = entries_.begin();
  by_id_.emplace(at->id, at);
  by_actor_.emplace(at->actor.id(), at);
  return *at;
}

void live_traces::forget(const trace_id& id, const trace_actor& actor) {
  if (const auto known = by_id_.find(id); known != by_id_.end() && known->second->actor == actor)
    erase(known->second);
}

void live_traces::forget(const caf::actor_addr& ended) {
  if (const auto known = by_actor_.find(ended.id()); known != by_actor_.end())
    erase(known->second);
}

void live_traces::erase(position at) {
  by_actor_.erase(at->actor.id());
  by_id_.erase(at->id);
  entries_.erase(at);
}

std::vector<live_traces::entry> live_traces::oldest(std::size_t count) const {
  auto found = std::vector<entry>{};
  for (auto at = entries_.rbegin(); at != entries_.rend() && found.size() < count; ++at)
    found.push_back(*at);
  return found;
}

std::vector<live_traces::entry> live_traces::newest(std::size_t count) const {
  auto found = std::vector<entry>{};
  for (auto at = entries_.begin(); at != entries_.end() && found.size() < count; ++at)
    found.push_back(*at);
  return found;
}

} // namespace axonhub::actors
