#include "actors/journal.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <utility>

namespace axonhub::actors {

void record_ring::put(policy::request_record_ptr record) {
  records_.push_back(std::move(record));
  if (records_.size() > std::max<std::size_t>(capacity_, 1))
    records_.pop_front();
}

record_list record_ring::find(const journal_query& query) const {
  auto found = record_list{};
  for (auto record = records_.rbegin(); record != records_.rend(); ++record)
    if (matches(query, **record))
      found.push_back(*record);
  return found;
}

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self,
                                     std::size_t capacity) {
  self->state.records = record_ring{capacity};
  return {
      [self](atom::record, const policy::request_record_ptr& record) {
        self->state.records.put(record);
      },
      [self](atom::list, const journal_query& query) { return self->state.records.find(query); },
  };
}

} // namespace axonhub::actors
