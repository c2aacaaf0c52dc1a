#pragma once

#include <functional>

#include "base/time.hpp"

namespace axonhub::actors {

/// Where actors take the time from: axonhub::now, or a test's own clock.
using time_source = std::function<instant()>;

} // namespace axonhub::actors
