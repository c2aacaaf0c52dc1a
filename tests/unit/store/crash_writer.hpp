#pragma once

#include <cstdint>
#include <filesystem>

#include "store/store.hpp"

/// Numbered batches that each touch several tables, so that what a crash leaves can be checked.
namespace axonhub::store::crash {

store_config config_in(const std::filesystem::path& folder);

/// What batch `number` writes: the setting "last", a channel with its credential, an audit entry, a
/// binding and the clearing of another.
write_batch batch(std::uint64_t number);

/// The number of the last batch in the store; 0 for none.
std::uint64_t last_batch(const store& in);

/// Says what in the store is not as batches 1 to last_batch() leave it; empty when all is.
std::string find_fault(const store& in);

/// Goes on where the store stands and writes each number to `acknowledged` once its batch is
/// durable, until it is killed. Answers only when something fails.
int write_until_killed(const std::filesystem::path& folder, int acknowledged);

} // namespace axonhub::store::crash
