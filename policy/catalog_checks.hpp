#pragma once

#include "policy/catalog.hpp"

/// What must hold of an entity before it may enter the catalog or leave it.
namespace axonhub::policy {

/// Whether `value` may stand in `data`: its fields, its references, its name among the others.
checked<void> check(const catalog_data& data, const project& value);
checked<void> check(const catalog_data& data, const api_key& value);
checked<void> check(const catalog_data& data, const profile& value);
checked<void> check(const catalog_data& data, const channel& value);
checked<void> check(const catalog_data& data, const credential& value);
checked<void> check(const catalog_data& data, const price_table& value);

/// Whether nothing needs the entity any more; the text says what to do first.
checked<void> check_unused(const catalog_data& data, const project_id& id);
checked<void> check_unused(const catalog_data& data, const profile_id& id);
template <class Id>
checked<void> check_unused(const catalog_data&, const Id&) {
  return {};
}

} // namespace axonhub::policy
