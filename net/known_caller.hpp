#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/protocol.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

namespace axonhub::net {

/// What one client connection has shown already, so that its next request need not be looked up
/// again: its key, and its session's trace.
class known_caller {
public:
  /// As policy::catalog::authenticate, without its hashing where the same key came before.
  const policy::api_key* authenticate(std::string_view presented, const actors::world& w,
                                      wall_time now);

  /// The actor of the connection's last trace, if it is this one; it may have ended since.
  actors::trace_actor trace_of(const trace_id& id) const {
    return id == trace_id_ ? trace_ : actors::trace_actor{};
  }
  void remember(const trace_id& id, actors::trace_actor actor);

private:
  secret presented_;
  std::uint64_t revision_ = 0;           // of the world that key_ lies in
  const policy::api_key* key_ = nullptr; // valid in that world only
  trace_id trace_id_;
  actors::trace_actor trace_;
};

} // namespace axonhub::net
