#pragma once

#include <cstddef>
#include <list>
#include <vector>

#include "actors/protocol.hpp"
#include "base/time.hpp"

namespace axonhub::actors {

/// Traces in memory, in the order of their last use, to a second. To find one among very many
/// waits for memory twice: for a slot of an open hash table, and for the entry together with the
/// line of its actor that counts the handles.
class live_traces {
public:
  struct entry {
    trace_id id;
    trace_actor actor;
    steady_time last_used;
  };

  std::size_t size() const { return entries_.size(); }

  /// The trace, now used; nullptr when it is not live.
  const entry* use(const trace_id& id, steady_time now);

  /// The same without using it.
  const entry* find(const trace_id& id) const;

  /// A trace that is not live yet.
  const entry& add(trace_id id, trace_actor actor, steady_time now);

  /// Forgets a trace, unless another actor stands for it now.
  void forget(const trace_id& id, const trace_actor& actor);

  /// Forgets the trace of an actor that has ended. Looks at one after the other.
  void forget(const caf::actor_addr& ended);

  /// At most `count`, the longest unused first.
  std::vector<entry> oldest(std::size_t count) const;

  /// At most `count`, the last used first.
  std::vector<entry> newest(std::size_t count) const;

private:
  using position = std::list<entry>::iterator;

  /// Free without a hash. The entry of a hash lies at its place, modulo the table's size, or behind
  /// it with no free slot between.
  struct slot {
    std::size_t hash = 0;
    position at{};
    const void* actor = nullptr; // its counters
  };

  std::size_t slot_of(const trace_id& id) const;
  void put(slot what);
  void resize(std::size_t slots);
  void erase(std::size_t slot);

  std::list<entry> entries_; // the last used first
  std::vector<slot> slots_;  // a power of two, at most three quarters of them used
};

} // namespace axonhub::actors
