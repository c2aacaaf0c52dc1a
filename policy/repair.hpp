#pragma once

#include "policy/entities.hpp"

namespace axonhub::policy {

/// Whether the operator has changed a channel in such a way that what was learnt of its failures
/// says nothing any more: it leads to another upstream, serves other models, or was enabled.
bool is_repair(const channel& before, const channel& after);

} // namespace axonhub::policy
