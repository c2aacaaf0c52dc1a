#include "store/catalog_tables.hpp"

#include "store/catalog_layouts.hpp"
#include "store/credential_table.hpp"

namespace axonhub::store {
namespace {

/// The one key of the table of prices.
constexpr std::string_view prices_key = "operator";

struct stored_setting {
  std::string name;
  std::string json;
};

} // namespace

template <>
struct layout<stored_setting> {
  static constexpr auto name = "settings";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.name, x.json); }
};

namespace {

struct edit_applier {
  write_transaction& to;
  const tables& t;
  const cipher& locked_by;

  result<void> operator()(const policy::put<policy::project>& e) const {
    return put_value(to, t.projects, e.value.id.text, e.value);
  }
  result<void> operator()(const policy::put<policy::api_key>& e) const {
    return put_value(to, t.api_keys, e.value.id.text, e.value);
  }
  result<void> operator()(const policy::put<policy::profile>& e) const {
    return put_value(to, t.profiles, e.value.id.text, e.value);
  }
  result<void> operator()(const policy::put<policy::channel>& e) const {
    return put_value(to, t.channels, e.value.id.text, e.value);
  }
  result<void> operator()(const policy::put<policy::credential>& e) const {
    return put_credential(to, t, locked_by, e.value);
  }
  result<void> operator()(const policy::erase<project_id>& e) const {
    return to.erase(t.projects, e.id.text);
  }
  result<void> operator()(const policy::erase<key_id>& e) const {
    if (auto done = to.erase(t.counters, e.id.text); !done)
      return done;
    return to.erase(t.api_keys, e.id.text);
  }
  result<void> operator()(const policy::erase<profile_id>& e) const {
    return to.erase(t.profiles, e.id.text);
  }
  result<void> operator()(const policy::erase<channel_id>& e) const {
    return to.erase(t.channels, e.id.text);
  }
  result<void> operator()(const policy::erase<credential_id>& e) const {
    return to.erase(t.credentials, e.id.text);
  }
  result<void> operator()(const policy::put_setting& e) const {
    return put_value(to, t.settings, e.name, stored_setting{e.name, e.json});
  }
  result<void> operator()(const policy::put_prices& e) const {
    return put_value(to, t.prices, prices_key, e.value);
  }
};

template <class Id, class Entity>
result<void> load_all(const transaction& from, table_handle table, std::map<Id, Entity>& into) {
  return each_value<Entity>(from, table, [&into](Entity x) {
    auto id = x.id;
    into.emplace(std::move(id), std::move(x));
  });
}

} // namespace

result<void> apply_edit(write_transaction& to, const tables& t, const cipher& locked_by,
                        const policy::catalog_edit& edit) {
  return std::visit(edit_applier{to, t, locked_by}, edit);
}

result<policy::catalog_data> load_catalog(const transaction& from, const tables& t,
                                          const cipher& locked_by) {
  auto data = policy::catalog_data{};
  const result<void> loaded[] = {
      load_all(from, t.projects, data.projects),
      load_all(from, t.api_keys, data.keys),
      load_all(from, t.profiles, data.profiles),
      load_all(from, t.channels, data.channels),
      each_value<stored_setting>(from, t.settings,
                                 [&data](stored_setting s) {
                                   data.settings.emplace(std::move(s.name), std::move(s.json));
                                 }),
  };
  for (const auto& one : loaded)
    if (!one)
      return one.error();
  auto prices = get_value<policy::price_table>(from, t.prices, prices_key);
  if (prices)
    data.prices = std::move(*prices);
  else if (prices.error() != errc::not_found)
    return prices.error();
  auto credentials = load_credentials(from, t, locked_by);
  if (!credentials)
    return credentials.error();
  data.credentials = std::move(*credentials);
  return data;
}

} // namespace axonhub::store
