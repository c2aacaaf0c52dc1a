#include "net/admin/key_json.hpp"

#include <array>

#include "net/admin/budget_json.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/limits_json.hpp"

namespace axonhub::net {
namespace {

/// What this version shows and does not act on, with the one value that it takes.
json idle_fields() {
  auto out = json::object();
  out["allowed_ips"] = json::array();
  out["store_bodies"] = "off";
  return out;
}

void read_limits(field_reader& fields, policy::gate_limits& to) {
  to = {};
  const auto* object = fields.find("limits");
  if (object == nullptr)
    return;
  auto inner = field_reader{*object, fields.pointer_to("limits")};
  read_gate_limits(inner, to);
  inner.finish();
}

void read_client_gone(field_reader& fields, policy::client_gone& to) {
  auto text = std::string{policy::to_text(policy::client_gone::cancel)};
  fields.read("on_client_gone", text);
  const auto known = policy::from_text<policy::client_gone>(text);
  if (!known)
    refuse_field(fields.pointer_to("on_client_gone"), "must be cancel or drain");
  to = *known;
}

constexpr auto fixed_fields = std::to_array<std::string_view>({"id", "prefix", "created_at"});

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
  out["limits"] = to_json(key.limits);
  out["budgets"] = json::array();
  for (const auto& b : key.budgets)
    out["budgets"].push_back(to_json(b));
  const auto idle = idle_fields();
  for (const auto& [name, value] : idle.items())
    out[name] = value;
  out["on_client_gone"] = policy::to_text(key.on_client_gone);
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
  read_limits(fields, to.limits);
  read_budgets(fields, to.budgets);
  read_client_gone(fields, to.on_client_gone);
  to.labels.clear();
  fields.read("labels", to.labels);
  to.expires_at.reset();
  fields.read("expires_at", to.expires_at);
  const auto idle = idle_fields();
  for (const auto& [name, value] : idle.items())
    fields.only(name, value);
  for (const auto name : fixed_fields)
    fields.read_only(name, shown.is_null() ? json{} : shown.at(std::string{name}));
  fields.given("last_used_at", shown);
  fields.finish();
}

} // namespace axonhub::net
