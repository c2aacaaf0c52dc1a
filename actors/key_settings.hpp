#pragma once

#include <map>

#include "actors/protocol.hpp"

namespace axonhub::actors {

/// The settings of every key that needs an actor: those that have something that may refuse a
/// request.
std::map<key_id, key_settings_ptr> settings_of_keys(const policy::catalog& catalog);

} // namespace axonhub::actors
