#include "net/live_requests.hpp"

#include <memory>

namespace axonhub::net {

actors::record_list live_requests::find(const actors::journal_query& query) const {
  auto found = actors::record_list{};
  for (const auto& e : all_)
    if (actors::matches(query, e.record_)) {
      auto copy = std::make_shared<policy::request_record>(e.record_);
      copy->duration = to_ms(wall_now() - copy->at);
      found.push_back(std::move(copy));
    }
  return found;
}

} // namespace axonhub::net
