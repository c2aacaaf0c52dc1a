#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "store/tables.hpp"

namespace axonhub::store {

/// The schema that this release writes. Value layouts have versions of their own; a schema step is
/// for what an appended field cannot say: new tables filled, tables split, defaults planted.
std::uint64_t current_schema();

/// Takes the tables from schema `from` to the current one, step by step, and notes the version. An
/// empty store is schema 0. Fails with errc::store_too_new, having changed nothing.
result<void> migrate(write_transaction& in, const tables& t, std::uint64_t from, wall_time now);

} // namespace axonhub::store
