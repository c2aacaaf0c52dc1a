#pragma once

#include "net/admin/json.hpp"
#include "policy/entities.hpp"

namespace axonhub::net {

/// A key as shown: never the secret.
json to_json(const policy::api_key& key);

/// Reads the whole object, as sent or as patched, into a key. `shown` is what the caller saw (null
/// for a new key). `project` becomes the text as sent. Throws a problem.
void read_key(const json& whole, const json& shown, policy::api_key& to);

} // namespace axonhub::net
