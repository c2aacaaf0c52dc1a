#pragma once

#include <string>
#include <string_view>

#include "store/cursor.hpp"
#include "store/transaction.hpp"
#include "store/value.hpp"

/// Every table of the state environment, and how values go in and out of any of them.
namespace axonhub::store {

struct tables {
  table_handle meta;     ///< meta_table.hpp
  table_handle projects; ///< catalog_tables.hpp, as all up to settings
  table_handle api_keys; ///< With each key's keyed hash; the key itself is nowhere.
  table_handle profiles;
  table_handle channels;
  table_handle credentials; ///< Their values sealed; credential_table.hpp
  table_handle settings;
  table_handle prices;          ///< The operator's, in one value; catalog_tables.hpp
  table_handle counters;        ///< What keys have used; counter_table.hpp
  table_handle bindings;        ///< binding_table.hpp
  table_handle bindings_by_use; ///< Last use and trace id, without values.
  table_handle audit;           ///< audit_table.hpp
};

/// Makes those that are not there.
result<tables> open_tables(write_transaction& in);

/// Notes in the log that a value does not decode; errc::store_corrupt.
error_code corrupt_value(std::string_view table, std::string_view key);

template <has_layout T>
result<void> put_value(write_transaction& to, table_handle table, std::string_view key,
                       const T& x) {
  return to.put(table, key, encode_value(key, x));
}

/// Fails with errc::not_found or errc::store_corrupt.
template <has_layout T>
result<T> get_value(const transaction& from, table_handle table, std::string_view key) {
  const auto stored = from.get(table, key);
  if (!stored)
    return stored.error();
  auto x = decode_value<T>(key, *stored);
  if (!x)
    return corrupt_value(layout<T>::name, key);
  return std::move(*x);
}

/// Calls `visit(T)` with each value in the order of the keys.
template <has_layout T, class Visit>
result<void> each_value(const transaction& from, table_handle table, const Visit& visit) {
  auto at = cursor::open(from, table);
  if (!at)
    return at.error();
  for (auto found = at->first();; found = at->next()) {
    if (!found)
      return found.error();
    if (!*found)
      return {};
    auto x = decode_value<T>(at->key(), at->value());
    if (!x)
      return corrupt_value(layout<T>::name, at->key());
    visit(std::move(*x));
  }
}

} // namespace axonhub::store
