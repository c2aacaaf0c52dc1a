#pragma once

#include <cstddef>
#include <deque>

#include "actors/protocol.hpp"

namespace axonhub::actors {

/// The records of the last requests, as they ended; the oldest goes when a new one needs its room.
class record_ring {
public:
  explicit record_ring(std::size_t capacity = 1) : capacity_(capacity) {}

  void put(policy::request_record_ptr record);

  /// What a query asks for, the last that ended first.
  record_list find(const journal_query& query) const;

  std::size_t size() const { return records_.size(); }

private:
  std::size_t capacity_;
  std::deque<policy::request_record_ptr> records_;
};

struct journal_state {
  static constexpr const char* name = "journal";

  record_ring records;
};

/// One shard of the journal with room for so many requests.
journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     std::size_t capacity);

} // namespace axonhub::actors
