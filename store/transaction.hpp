#pragma once

#include <functional>
#include <shared_mutex>
#include <string_view>

#include "base/error.hpp"

struct MDB_txn;

namespace axonhub::store {

class environment;

/// LMDB's number of an open table.
using table_handle = unsigned;

/// One consistent view of the environment. Ends where it goes out of scope, on the thread that
/// began it; what it showed is gone then.
class transaction {
public:
  transaction(transaction&& other) noexcept;
  ~transaction();

  MDB_txn* handle() const { return txn_; }

  /// The value of `key`, valid until the transaction writes or ends; errc::not_found without one.
  result<std::string_view> get(table_handle table, std::string_view key) const;

  transaction& operator=(const transaction&) = delete;

protected:
  transaction(const environment& env, unsigned flags, int& code);

  std::shared_lock<std::shared_mutex> map_;
  MDB_txn* txn_ = nullptr;
};

class read_transaction : public transaction {
public:
  static result<read_transaction> begin(const environment& env);

private:
  using transaction::transaction;
};

/// Its changes are there, all of them, after commit(); without it none is.
class write_transaction : public transaction {
public:
  static result<write_transaction> begin(const environment& env);

  /// The table of that name, made if it is not there. Valid after a commit only.
  result<table_handle> open_table(const char* name);

  result<void> put(table_handle table, std::string_view key, std::string_view value);

  /// Whether it was there or not.
  result<void> erase(table_handle table, std::string_view key);

  /// Durable when it returns without error. Nothing else may be called afterwards.
  result<void> commit();

  /// True after a failure that a larger map cures.
  bool map_full() const { return map_full_; }

private:
  using transaction::transaction;
  error_code remember(int code, std::string_view doing);

  bool map_full_ = false;
};

/// Runs `body` in a write transaction and commits. When the map is full it grows and `body` runs
/// again from the start. The caller holds no other transaction.
result<void> write_durably(environment& env,
                           const std::function<result<void>(write_transaction&)>& body);

} // namespace axonhub::store
