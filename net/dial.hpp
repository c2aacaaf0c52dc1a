#pragma once

#include <optional>

#include "net/connection.hpp"
#include "net/task.hpp"
#include "net/upstream_target.hpp"
#include "policy/failure.hpp"

namespace axonhub::net {

struct worker;

/// The named deadlines of a dial.
struct dial_limits {
  milliseconds connect;
  milliseconds tls;
};

/// Lets somebody else end a coroutine's waits: for the connection that it works on at the moment.
struct cancel_scope {
  connection_ptr active;
  bool cancelled = false;

  void cancel() {
    cancelled = true;
    if (const auto c = active)
      c->cancel();
  }
};

struct dialled {
  connection_ptr ready; ///< Null when it failed.
  std::optional<policy::attempt_failure> failed;
};

/// The one way to an upstream: resolves the name, checks the address that is really connected to,
/// connects (one address after the other, all of them within `limits.connect`) and, for https,
/// verifies the certificate.
task<dialled> dial(worker& w, upstream_target_ptr target, dial_limits limits, cancel_scope& scope);

} // namespace axonhub::net
