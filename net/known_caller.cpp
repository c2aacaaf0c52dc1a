#include "net/known_caller.hpp"

#include "policy/session.hpp"

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

const actors::trace_key& known_caller::trace_key_of(const project_id& project,
                                                    std::string_view session) {
  if (trace_key_.external != session || trace_key_.project != project) {
    trace_key_ = {policy::trace_id_of(project, session), project, shared_text{session}};
    trace_ = nullptr;
  }
  return trace_key_;
}

} // namespace axonhub::net
