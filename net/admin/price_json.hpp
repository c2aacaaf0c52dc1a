#pragma once

#include "net/admin/json.hpp"
#include "policy/price.hpp"

namespace axonhub::net {

/// {"price_version", "items", "next_cursor"}: the operator's prices, then those that the gateway
/// brings along.
json to_json(const policy::price_table& prices);

/// Reads {"items": [...]} into the rows. Those that say they come from the gateway are left out, so
/// that what was read can be sent back. Throws a problem.
void read_prices(const json& whole, policy::price_table& to);

} // namespace axonhub::net
