#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "actors/protocol.hpp"
#include "base/time.hpp"

namespace axonhub::actors {

/// Traces in memory, in the order of their last use.
class live_traces {
public:
  struct entry {
    trace_id id;
    trace_actor actor;
    steady_time last_used;
  };

  std::size_t size() const { return by_id_.size(); }

  /// The trace, now used; nullptr when it is not live.
  const entry* use(const trace_id& id, steady_time now);

  /// The same without using it.
  const entry* find(const trace_id& id) const;

  /// A trace that is not live yet.
  const entry& add(trace_id id, trace_actor actor, steady_time now);

  /// Forgets a trace, unless another actor stands for it now.
  void forget(const trace_id& id, const trace_actor& actor);

  /// Forgets the trace of an actor that has ended.
  void forget(const caf::actor_addr& ended);

  /// At most `count`, the longest unused first.
  std::vector<entry> oldest(std::size_t count) const;

  /// At most `count`, the last used first.
  std::vector<entry> newest(std::size_t count) const;

private:
  using position = std::list<entry>::iterator;

  void erase(position at);

  std::list<entry> entries_; // the last used first
  std::unordered_map<trace_id, position> by_id_;
  std::unordered_map<caf::actor_id, position> by_actor_;
};

} // namespace axonhub::actors
