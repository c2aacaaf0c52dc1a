#pragma once

#include <string>

#include "store/store.hpp"

/// A store's tables as text, one entry a line: table, key and value, the latter two in hex.
namespace axonhub::store {

/// Of a new store that has samples::full_batch().
std::string dump_full_batch();

/// Makes a store's tables of such a text.
void plant_dump(const store_config& config, const std::string& dump);

} // namespace axonhub::store
