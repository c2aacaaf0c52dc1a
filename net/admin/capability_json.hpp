#pragma once

#include <vector>

#include "net/admin/fields.hpp"
#include "net/admin/json.hpp"
#include "policy/entities.hpp"

/// What an operator says about a channel's models and its upstream's dialect.
namespace axonhub::net {

json to_json(const std::vector<policy::model_capability>& rows);
json to_json(const policy::compatibility_switches& said);

/// Both read one field of a channel; without it, nothing is said.
void read_capabilities(field_reader& channel, std::vector<policy::model_capability>& to);
void read_compatibility(field_reader& channel, policy::compatibility_switches& to);

} // namespace axonhub::net
