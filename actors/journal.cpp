#include "actors/journal.hpp"

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <utility>

namespace axonhub::actors {

const policy::request_record_ptr& record_ring::at(std::uint64_t number) const {
  return records_[number - first_];
}

void record_ring::put(policy::request_record_ptr record) {
  const auto [known, fresh] = numbers_.try_emplace(record->id, first_ + records_.size());
  if (!fresh) {
    records_[known->second - first_] = std::move(record);
    return;
  }
  records_.push_back(std::move(record));
  if (records_.size() <= std::max<std::size_t>(capacity_, 1))
    return;
  numbers_.erase(records_.front()->id);
  records_.pop_front();
  ++first_;
}

record_list record_ring::find(const journal_query& query) const {
  auto found = record_list{};
  if (query.id) {
    if (const auto known = numbers_.find(*query.id); known != numbers_.end())
      found.push_back(at(known->second));
    return found;
  }
  for (auto record = records_.rbegin(); record != records_.rend(); ++record)
    if (query.trace.empty() || (*record)->trace == query.trace)
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
