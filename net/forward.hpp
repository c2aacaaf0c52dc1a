#pragma once

#include "net/client_request.hpp"
#include "net/task.hpp"

namespace axonhub::net {

/// Takes a request that was received to a channel, relays the answer, and tells everyone concerned
/// how it ended. Moves to another channel as policy::exchange decides.
task<void> forward(client_request& r);

} // namespace axonhub::net
