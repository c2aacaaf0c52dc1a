#pragma once

#include <map>

#include "actors/protocol.hpp"

namespace axonhub::actors {

/// The settings of every channel that has an actor: all but the archived ones. Credentials are in
/// the order of their creation.
std::map<channel_id, channel_settings_ptr> settings_of_channels(const policy::catalog& catalog);

/// True when nothing that a channel actor works with differs.
bool are_same(const channel_settings& a, const channel_settings& b);

} // namespace axonhub::actors
