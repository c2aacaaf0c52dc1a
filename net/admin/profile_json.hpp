#pragma once

#include <vector>

#include "net/admin/json.hpp"
#include "policy/catalog.hpp"

namespace axonhub::net {

/// A profile as the admin API shows it, with the keys that it is assigned to.
json to_json(const policy::profile& p, const policy::catalog_data& data);

/// What a call may set of a profile. `shown` is the profile before, or null for a new one.
void read_profile(const json& whole, const json& shown, policy::profile& to);

/// What may be saved and is suspicious all the same: [{"pointer", "detail"}].
json warnings_of(const policy::profile& p);

} // namespace axonhub::net
