#pragma once

#include "policy/catalog.hpp"
#include "store/cipher.hpp"
#include "store/tables.hpp"

/// The configuration: one table per kind of entity, by id, and the settings by name.
namespace axonhub::store {

/// Stores what the edit says, no more: dependents have edits of their own.
result<void> apply_edit(write_transaction& to, const tables& t, const cipher& locked_by,
                        const policy::catalog_edit& edit);

/// Fails with errc::store_corrupt when a value does not decode.
result<policy::catalog_data> load_catalog(const transaction& from, const tables& t,
                                          const cipher& locked_by);

} // namespace axonhub::store
