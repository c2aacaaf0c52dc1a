#include "store/tables.hpp"

#include <utility>

#include "base/log.hpp"

namespace axonhub::store {

result<tables> open_tables(write_transaction& in) {
  auto opened = tables{};
  const std::pair<const char*, table_handle*> names[] = {
      {"meta", &opened.meta},
      {"projects", &opened.projects},
      {"api_keys", &opened.api_keys},
      {"profiles", &opened.profiles},
      {"channels", &opened.channels},
      {"credentials", &opened.credentials},
      {"settings", &opened.settings},
      {"prices", &opened.prices},
      {"counters", &opened.counters},
      {"bindings", &opened.bindings},
      {"bindings_by_use", &opened.bindings_by_use},
      {"audit", &opened.audit},
  };
  for (const auto& [name, handle] : names) {
    const auto table = in.open_table(name);
    if (!table)
      return table.error();
    *handle = *table;
  }
  return opened;
}

error_code corrupt_value(std::string_view table, std::string_view key) {
  log::error("store_corrupt", {{"table", table}, {"key", key}});
  return errc::store_corrupt;
}

} // namespace axonhub::store
