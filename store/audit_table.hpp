#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/catalog.hpp"
#include "store/tables.hpp"

/// Who changed what, in the order of time. Nothing here erases an entry.
namespace axonhub::store {

result<void> add_audit(write_transaction& to, const tables& t, const policy::audit_entry& entry);

/// Newest first, those before the cursor (empty: from the newest), at most `limit`; and the cursor
/// of the rest, empty when there is none. Fails with errc::invalid_argument for what is no cursor.
result<std::pair<std::vector<policy::audit_entry>, std::string>> list_audit(const transaction& from,
                                                                            const tables& t,
                                                                            std::string_view before,
                                                                            std::size_t limit);

} // namespace axonhub::store
