#include "store/transaction.hpp"

#include <lmdb.h>

#include "store/environment.hpp"
#include "store/lmdb_error.hpp"
#include "store/lmdb_value.hpp"

namespace axonhub::store {

transaction::transaction(const environment& env, unsigned flags, int& code)
    : map_(env.map_in_use()) {
  code = env.is_lost() ? MDB_PANIC : mdb_txn_begin(env.handle(), nullptr, flags, &txn_);
}

transaction::transaction(transaction&& other) noexcept
    : map_(std::move(other.map_)), txn_(std::exchange(other.txn_, nullptr)) {}

transaction::~transaction() {
  if (txn_)
    mdb_txn_abort(txn_);
}

result<std::string_view> transaction::get(table_handle table, std::string_view key) const {
  auto k = to_lmdb(key);
  auto v = MDB_val{};
  if (const auto code = mdb_get(txn_, table, &k, &v); code != 0)
    return to_error(code, "read");
  return from_lmdb(v);
}

result<read_transaction> read_transaction::begin(const environment& env) {
  auto code = 0;
  auto begun = read_transaction{env, MDB_RDONLY, code};
  if (code != 0)
    return to_error(code, "begin to read");
  return begun;
}

result<write_transaction> write_transaction::begin(const environment& env) {
  auto code = 0;
  auto begun = write_transaction{env, 0, code};
  if (code != 0)
    return to_error(code, "begin to write");
  return begun;
}

result<table_handle> write_transaction::open_table(const char* name) {
  auto table = table_handle{};
  if (const auto code = mdb_dbi_open(txn_, name, MDB_CREATE, &table); code != 0)
    return remember(code, "open a table");
  return table;
}

result<void> write_transaction::put(table_handle table, std::string_view key,
                                    std::string_view value) {
  auto k = to_lmdb(key);
  auto v = to_lmdb(value);
  if (const auto code = mdb_put(txn_, table, &k, &v, 0); code != 0)
    return remember(code, "write");
  return {};
}

result<void> write_transaction::erase(table_handle table, std::string_view key) {
  auto k = to_lmdb(key);
  if (const auto code = mdb_del(txn_, table, &k, nullptr); code != 0 && code != MDB_NOTFOUND)
    return remember(code, "erase");
  return {};
}

result<void> write_transaction::commit() {
  if (const auto code = mdb_txn_commit(std::exchange(txn_, nullptr)); code != 0)
    return remember(code, "commit");
  return {};
}

error_code write_transaction::remember(int code, std::string_view doing) {
  map_full_ = map_full_ || code == MDB_MAP_FULL;
  return to_error(code, doing);
}

namespace {

struct attempt {
  result<void> done;
  bool map_full = false;
};

attempt attempt_to_write(environment& env,
                         const std::function<result<void>(write_transaction&)>& body) {
  auto begun = write_transaction::begin(env);
  if (!begun)
    return {begun.error()};
  auto done = body(*begun);
  if (done)
    done = begun->commit();
  return {done, !done && begun->map_full()};
}

} // namespace

result<void> write_durably(environment& env,
                           const std::function<result<void>(write_transaction&)>& body) {
  for (;;) {
    const auto [done, map_full] = attempt_to_write(env, body);
    if (!map_full)
      return done;
    if (auto grown = env.grow(); !grown)
      return grown;
  }
}

} // namespace axonhub::store
