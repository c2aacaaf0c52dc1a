#pragma once

#include <cstddef>
#include <deque>
#include <unordered_map>

#include "actors/protocol.hpp"

namespace axonhub::actors {

/// The records of the last requests, by their start; the oldest goes when a new one needs its room.
class record_ring {
public:
  explicit record_ring(std::size_t capacity = 1) : capacity_(capacity) {}

  /// The record of a request that is known replaces the earlier one in its place.
  void put(policy::request_record_ptr record);

  /// What a query asks for, newest first.
  record_list find(const journal_query& query) const;

  std::size_t size() const { return records_.size(); }

private:
  const policy::request_record_ptr& at(std::uint64_t number) const;

  std::size_t capacity_;
  std::uint64_t first_ = 0; // the number of records_.front(); numbers only grow
  std::deque<policy::request_record_ptr> records_;
  std::unordered_map<request_id, std::uint64_t> numbers_;
};

struct journal_state {
  static constexpr const char* name = "journal";

  record_ring records;
};

/// One shard of the journal with room for so many requests.
journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     std::size_t capacity);

} // namespace axonhub::actors
