#pragma once

#include <optional>

#include "policy/catalog.hpp"
#include "policy/health.hpp"

/// What makes it last that an upstream has refused a credential.
namespace axonhub::policy {

/// The edit that keeps the reason with the credential, in the system's name; nullopt where nobody
/// was benched or where the credential is another than the one that was refused: a new value has
/// not been tried yet.
std::optional<catalog_change> change_to_bench(const credential& known, const release_effect& effect,
                                              wall_time now);

} // namespace axonhub::policy
