#pragma once

#include <span>
#include <string_view>

#include "net/routes.hpp"

namespace axonhub::net {

/// Every endpoint of the admin API.
std::span<const route> admin_routes();

/// The names of the query parameters that an admin route takes, separated by spaces.
std::string_view query_names(const route& at);

} // namespace axonhub::net
