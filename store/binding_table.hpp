#pragma once

#include <optional>
#include <vector>

#include "store/store.hpp"
#include "store/tables.hpp"

/// Bindings by trace id, and an index by their last use that expiry walks.
namespace axonhub::store {

result<void> put_binding(write_transaction& to, const tables& t, const stored_binding& b);

/// Whether it is there or not.
result<void> erase_binding(write_transaction& to, const tables& t, const trace_id& id);

/// Those to a channel or by a credential that is no more.
result<void> erase_bindings_to(write_transaction& to, const tables& t,
                               const std::vector<policy::catalog_edit>& edits);

result<std::optional<stored_binding>> find_binding(const transaction& from, const tables& t,
                                                   const trace_id& id);

/// In the order of the ids, those after `after`, at most `limit`.
result<std::vector<stored_binding>> list_bindings(const transaction& from, const tables& t,
                                                  const trace_id& after, std::size_t limit);

/// Erases those last used before `limit`, the oldest first, at most `count`; says how many.
result<std::size_t> expire_bindings(write_transaction& to, const tables& t, wall_time limit,
                                    std::size_t count);

} // namespace axonhub::store
