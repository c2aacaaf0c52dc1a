#pragma once

#include "config/load.hpp"

namespace axonhub::net {

/// Runs the gateway in the foreground: starts the floors from the bottom up, waits for a signal,
/// ends them from the top down. SIGTERM and SIGINT drain, a second one ends at once; SIGHUP reads
/// the certificates again. Returns the exit code of the process.
int run(const config::loaded& loaded);

} // namespace axonhub::net
