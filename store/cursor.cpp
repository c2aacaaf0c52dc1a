#include "store/cursor.hpp"

#include <lmdb.h>

#include "store/lmdb_error.hpp"
#include "store/lmdb_value.hpp"

namespace axonhub::store {

result<cursor> cursor::open(const transaction& in, table_handle table) {
  MDB_cursor* handle = nullptr;
  if (const auto code = mdb_cursor_open(in.handle(), table, &handle); code != 0)
    return to_error(code, "open a cursor");
  return cursor{handle};
}

cursor::cursor(cursor&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), key_(other.key_), value_(other.value_) {}

cursor::~cursor() {
  if (handle_)
    mdb_cursor_close(handle_);
}

result<bool> cursor::first() { return move(MDB_FIRST); }

result<bool> cursor::last() { return move(MDB_LAST); }

result<bool> cursor::next() { return move(MDB_NEXT); }

result<bool> cursor::previous() { return move(MDB_PREV); }

result<bool> cursor::at_or_after(std::string_view key) {
  return key.empty() ? first() : move(MDB_SET_RANGE, key);
}

result<bool> cursor::before(std::string_view key) {
  auto found = at_or_after(key);
  if (!found)
    return found;
  return *found ? previous() : last();
}

result<bool> cursor::move(int operation, std::string_view key) {
  auto k = to_lmdb(key);
  auto v = MDB_val{};
  const auto code = mdb_cursor_get(handle_, &k, &v, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND)
    return false;
  if (code != 0)
    return {boost::system::in_place_error, to_error(code, "move a cursor")};
  key_ = from_lmdb(k);
  value_ = from_lmdb(v);
  return true;
}

} // namespace axonhub::store
