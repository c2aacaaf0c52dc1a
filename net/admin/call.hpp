#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/protocol.hpp"
#include "net/answer.hpp"
#include "net/task.hpp"

namespace axonhub::net {

struct route;
struct worker;
class session;

/// One call of the admin API, from an admitted caller.
struct admin_call {
  session& from;
  worker& here;
  actors::world_ptr world;         ///< As it was when the call came.
  std::vector<std::string> params; ///< What stands for the pattern's "{...}", decoded.
  std::vector<std::pair<std::string, std::string>> query; ///< Decoded; only known names.
  std::string body{};
  std::string actor{}; ///< Who calls, for the audit: "token", "setup-token".

  /// A query parameter's value; empty when it is not there.
  std::string_view query_value(std::string_view name) const;
};

/// Serves a request for an admin route: checks who calls, reads the body and lets the route's
/// handler answer. What a handler throws becomes a problem document.
task<void> serve_admin(session& s, const route& at, std::vector<std::string_view> params);

} // namespace axonhub::net
