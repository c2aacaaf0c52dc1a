#pragma once

#include <string_view>

#include "policy/entities.hpp"

/// What a profile permits; its model mappings have their own place.
namespace axonhub::policy {

/// True when the profile names the channel by id or by its tags, or names neither: ids and tags
/// together are a union.
bool allows_channel(const profile& p, const channel& c);

/// True when the profile lists the model, or lists none.
bool allows_model(const profile& p, std::string_view model);

} // namespace axonhub::policy
