#include "net/known_caller.hpp"

#include <utility>

namespace axonhub::net {

const policy::api_key* known_caller::authenticate(std::string_view presented,
                                                  const actors::world& w, wall_time now) {
  if (key_ != nullptr && revision_ == w.revision &&
      equal_in_constant_time(presented_.reveal(), presented))
    return policy::is_usable(*key_, now) ? key_ : nullptr;
  const auto* found = w.catalog->authenticate(presented, now);
  // A rotated key's previous text ends by itself: that one is looked up each time.
  key_ = found != nullptr && !found->previous_until ? found : nullptr;
  if (key_ != nullptr)
    presented_ = secret{std::string{presented}};
  revision_ = w.revision;
  return found;
}

void known_caller::remember(const trace_id& id, actors::trace_actor actor) {
  trace_id_ = id;
  trace_ = std::move(actor);
}

} // namespace axonhub::net
