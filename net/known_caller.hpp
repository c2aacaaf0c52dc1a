#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

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

  /// The key of a session's trace.
  const actors::trace_key& trace_key_of(const project_id& project, std::string_view session);

  /// The actor of the trace that was asked for last, when it is known; it may have ended since.
  const actors::trace_actor& trace() const { return trace_; }
  void remember(actors::trace_actor actor) { trace_ = std::move(actor); }

private:
  secret presented_;
  std::uint64_t revision_ = 0;           // of the world that key_ lies in
  const policy::api_key* key_ = nullptr; // valid in that world only
  actors::trace_key trace_key_;
  actors::trace_actor trace_; // of trace_key_
};

} // namespace axonhub::net
