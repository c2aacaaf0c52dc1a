#pragma once

#include "net/admin/json.hpp"

namespace axonhub::net {

/// An entity as shown, with a JSON merge patch applied. Fields that the entity lacks are refused.
json patched(const json& shown, const json& patch);

/// Takes a field out of an object; null when it is not there.
json take_field(json& object, std::string_view name);

} // namespace axonhub::net
