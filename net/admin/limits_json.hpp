#pragma once

#include "net/admin/fields.hpp"
#include "net/admin/json.hpp"
#include "policy/rate_gate.hpp"

namespace axonhub::net {

/// The limits that are set: {"max_concurrent", "rpm", "tpm"}.
json to_json(const policy::gate_limits& limits);

/// Reads those of them that are there; the others are no limit.
void read_gate_limits(field_reader& fields, policy::gate_limits& to);

} // namespace axonhub::net
