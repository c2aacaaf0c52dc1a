#pragma once

#include <cstdint>

#include "base/secret.hpp"
#include "store/cipher.hpp"
#include "store/tables.hpp"

/// What the store knows about itself.
namespace axonhub::store {

/// 0 in a store that was never written.
result<std::uint64_t> read_schema_version(const transaction& from, const tables& t);
result<void> write_schema_version(write_transaction& to, const tables& t, std::uint64_t version);

/// True when something is locked with a master key already.
result<bool> is_locked(const transaction& from, const tables& t);

/// The random key that client keys are hashed with, sealed by the master key; made and sealed when
/// there is none. That it opens proves the master key: errc::wrong_master_key otherwise.
result<secret> unlock_hash_key(write_transaction& in, const tables& t, const cipher& locked_by);

} // namespace axonhub::store
