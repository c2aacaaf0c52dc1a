#include "net/admin/key_json.hpp"

#include <array>

#include "net/admin/fields.hpp"

namespace axonhub::net {
namespace {

/// What this version shows and does not act on, with the one value that it takes.
json idle_fields() {
  auto out = json::object();
  out["limits"] = json::object();
  out["budgets"] = json::array();
  out["allowed_ips"] = json::array();
  out["store_bodies"] = "off";
  out["on_client_gone"] = "cancel";
  return out;
}

constexpr auto given_fields =
    std::to_array<std::string_view>({"id", "prefix", "last_used_at", "created_at"});

} // namespace

json to_json(const policy::api_key& key) {
  auto out = json::object();
  out["id"] = key.id.text;
  out["name"] = key.name;
  out["project"] = key.project.text;
  out["prefix"] = key.prefix;
  out["enabled"] = key.enabled;
  out["profile_ids"] = json::array();
  for (const auto& id : key.profile_ids)
    out["profile_ids"].push_back(id.text);
  out["active_profile_id"] = text_or_null(key.active_profile_id.text);
  const auto idle = idle_fields();
  for (const auto& [name, value] : idle.items())
    out[name] = value;
  out["labels"] = json::object();
  for (const auto& [name, value] : key.labels)
    out["labels"][name] = value;
  out["expires_at"] = to_json(key.expires_at);
  out["last_used_at"] = nullptr;
  out["created_at"] = to_rfc3339(key.created_at);
  return out;
}

void read_key(const json& whole, const json& shown, policy::api_key& to) {
  auto fields = field_reader{whole};
  to.name = fields.require("name");
  fields.read("project", to.project.text);
  to.enabled = true;
  fields.read("enabled", to.enabled);
  fields.read_ids("profile_ids", to.profile_ids);
  to.active_profile_id = {};
  fields.read("active_profile_id", to.active_profile_id.text);
  to.labels.clear();
  fields.read("labels", to.labels);
  to.expires_at.reset();
  fields.read("expires_at", to.expires_at);
  const auto idle = idle_fields();
  for (const auto& [name, value] : idle.items())
    fields.only(name, value);
  for (const auto name : given_fields)
    fields.read_only(name, shown.is_null() ? json{} : shown.at(std::string{name}));
  fields.finish();
}

} // namespace axonhub::net
