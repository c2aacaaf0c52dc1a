#include "actors/live_traces.hpp"

#include <algorithm>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <utility>

namespace axonhub::actors {
namespace {

constexpr auto least_slots = std::size_t{64};

// Once in a second a trace takes its place: the other uses leave its neighbours' memory untouched.
auto second_of(steady_time t) { return std::chrono::floor<std::chrono::seconds>(t); }

std::size_t hash_of(const trace_id& id) { return std::max<std::size_t>(id.text.hash(), 1); }

} // namespace

/// Where the trace is, or where it would be put.
std::size_t live_traces::slot_of(const trace_id& id) const {
  const auto hash = hash_of(id);
  const auto mask = slots_.size() - 1;
  for (auto i = hash & mask;; i = (i + 1) & mask) {
    const auto& here = slots_[i];
    if (here.hash == 0)
      return i;
    if (here.hash != hash)
      continue;
    __builtin_prefetch(here.actor, 1); // comes while the entry does
    if (here.at->id == id)
      return i;
  }
}

void live_traces::put(slot what) {
  const auto mask = slots_.size() - 1;
  auto i = what.hash & mask;
  while (slots_[i].hash != 0)
    i = (i + 1) & mask;
  slots_[i] = what;
}

void live_traces::resize(std::size_t slots) {
  for (const auto& old : std::exchange(slots_, std::vector<slot>(slots)))
    if (old.hash != 0)
      put(old);
}

const live_traces::entry* live_traces::use(const trace_id& id, steady_time now) {
  if (entries_.empty())
    return nullptr;
  const auto& known = slots_[slot_of(id)];
  if (known.hash == 0)
    return nullptr;
  if (second_of(std::exchange(known.at->last_used, now)) != second_of(now))
    entries_.splice(entries_.begin(), entries_, known.at);
  return &*known.at;
}

const live_traces::entry* live_traces::find(const trace_id& id) const {
  if (entries_.empty())
    return nullptr;
  const auto& known = slots_[slot_of(id)];
  return known.hash == 0 ? nullptr : &*known.at;
}

const live_traces::entry& live_traces::add(trace_id id, trace_actor actor, steady_time now) {
  entries_.push_front({.id = std::move(id), .actor = std::move(actor), .last_used = now});
  if (4 * entries_.size() > 3 * slots_.size())
    resize(std::max(2 * slots_.size(), least_slots));
  const auto& fresh = entries_.front();
  put({.hash = hash_of(fresh.id),
       .at = entries_.begin(),
       .actor = caf::actor_cast<caf::actor_control_block*>(fresh.actor)});
  return fresh;
}

void live_traces::forget(const trace_id& id, const trace_actor& actor) {
  const auto* known = find(id);
  if (known != nullptr && known->actor == actor)
    erase(slot_of(id));
}

void live_traces::forget(const caf::actor_addr& ended) {
  const auto known =
      std::ranges::find_if(entries_, [&](const entry& e) { return e.actor.address() == ended; });
  if (known != entries_.end())
    erase(slot_of(known->id));
}

/// Those behind a freed slot move up where that brings them nearer to their place.
void live_traces::erase(std::size_t slot) {
  entries_.erase(slots_[slot].at);
  const auto mask = slots_.size() - 1;
  for (auto i = (slot + 1) & mask; slots_[i].hash != 0; i = (i + 1) & mask)
    if (((i - slots_[i].hash) & mask) >= ((i - slot) & mask))
      slots_[std::exchange(slot, i)] = slots_[i];
  slots_[slot] = {};
  if (slots_.size() > least_slots && 8 * entries_.size() < slots_.size())
    resize(slots_.size() / 2);
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
