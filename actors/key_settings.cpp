#include "actors/key_settings.hpp"

#include <memory>
#include <utility>

namespace axonhub::actors {

std::map<key_id, key_settings_ptr> settings_of_keys(const policy::catalog& catalog) {
  auto all = std::map<key_id, key_settings_ptr>{};
  for (const auto& [id, key] : catalog.data().keys) {
    auto rules = policy::rules_of(catalog.data(), key);
    if (rules.limit_anything())
      all.emplace(id, std::make_shared<const key_settings>(key_settings{id, std::move(rules)}));
  }
  return all;
}

} // namespace axonhub::actors
