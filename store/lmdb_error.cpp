#include "store/lmdb_error.hpp"

#include <lmdb.h>

#include <cerrno>

#include "base/log.hpp"

namespace axonhub::store {
namespace {

errc meaning_of(int code) {
  switch (code) {
    case MDB_NOTFOUND:
      return errc::not_found;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
      return errc::store_full;
    case MDB_BAD_VALSIZE:
      return errc::invalid_argument;
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_VERSION_MISMATCH:
      return errc::store_corrupt;
    default:
      return errc::store_failed;
  }
}

} // namespace

error_code to_error(int code, std::string_view doing) {
  if (code != MDB_NOTFOUND && code != MDB_MAP_FULL)
    log::error("store_error", {{"doing", doing}, {"error", mdb_strerror(code)}, {"code", code}});
  return meaning_of(code);
}

} // namespace axonhub::store
