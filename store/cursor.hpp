#pragma once

#include <string_view>

#include "base/error.hpp"
#include "store/transaction.hpp"

struct MDB_cursor;

namespace axonhub::store {

/// Walks a table in the order of its keys. Ends before its transaction does. A move answers whether
/// there is an entry.
class cursor {
public:
  static result<cursor> open(const transaction& in, table_handle table);
  cursor(cursor&& other) noexcept;
  ~cursor();

  result<bool> first();
  result<bool> last();
  result<bool> next();
  result<bool> previous();

  /// To the first key that is not less than `key`.
  result<bool> at_or_after(std::string_view key);

  /// To the last key that is less than `key`.
  result<bool> before(std::string_view key);

  /// Of the entry it stands at; valid until the transaction writes or ends.
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

  cursor& operator=(const cursor&) = delete;

private:
  explicit cursor(MDB_cursor* handle) : handle_(handle) {}
  result<bool> move(int operation, std::string_view key = {});

  MDB_cursor* handle_;
  std::string_view key_;
  std::string_view value_;
};

} // namespace axonhub::store
