#pragma once

#include "policy/entities.hpp"
#include "store/cipher.hpp"
#include "store/tables.hpp"

/// Credentials: their values are sealed with the master key, each for its own id.
namespace axonhub::store {

result<void> put_credential(write_transaction& to, const tables& t, const cipher& locked_by,
                            const policy::credential& c);

/// All of them by id. Fails with errc::store_corrupt when one does not open.
result<std::map<credential_id, policy::credential>> load_credentials(const transaction& from,
                                                                     const tables& t,
                                                                     const cipher& locked_by);

} // namespace axonhub::store
