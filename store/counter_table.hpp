#pragma once

#include "store/store.hpp"
#include "store/tables.hpp"

/// What keys have used of their budgets, by key id.
namespace axonhub::store {

/// Of a key that has been deleted meanwhile: nothing.
result<void> put_counters(write_transaction& to, const tables& t, const stored_counters& counted);

/// Empty ones when there are none.
result<policy::key_counters> find_counters(const transaction& from, const tables& t,
                                           const key_id& id);

} // namespace axonhub::store
