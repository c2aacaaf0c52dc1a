#pragma once

#include <lmdb.h>

#include <string_view>

namespace axonhub::store {

inline MDB_val to_lmdb(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())}; // LMDB does not write to it
}

inline std::string_view from_lmdb(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

} // namespace axonhub::store
