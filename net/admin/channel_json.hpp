#pragma once

#include <vector>

#include "net/admin/json.hpp"
#include "policy/entities.hpp"
#include "policy/health_view.hpp"

namespace axonhub::net {

using credential_list = std::vector<const policy::credential*>;

/// What an operator set of a channel.
json settings_to_json(const policy::channel& c);

/// A channel as shown, with its credentials and its health now.
json to_json(const policy::channel& c, const credential_list& credentials,
             const policy::health_view& health, wall_time now);

/// A credential as shown: never its value.
json to_json(const policy::credential& c, const policy::health_view& health, wall_time now);

/// Reads the whole object, as sent or as patched, into a channel. `shown` is what the caller saw
/// (null for a new channel). Throws a problem.
void read_channel(const json& whole, const json& shown, policy::channel& to);

/// The same for a credential. Its value stays when the object has none.
void read_credential(const json& whole, const json& shown, policy::credential& to,
                     const std::string& pointer = {});

/// A credential's value as sent: refuses what could not travel in a header.
secret read_credential_value(const json& value, const std::string& pointer);

/// Credentials as shown, but for what changes without a call.
json without_health(json credentials);

} // namespace axonhub::net
