#pragma once

#include <span>

#include "net/admin/json.hpp"
#include "net/routes.hpp"

namespace axonhub::net {

/// The OpenAPI document of these routes.
json openapi_of(std::span<const route> all);

} // namespace axonhub::net
