#include "net/admin/channel_json.hpp"

#include <array>

#include "net/admin/capability_json.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/limits_json.hpp"
#include "net/tls.hpp"
#include "policy/channel_types.hpp"
#include "policy/channel_url.hpp"

namespace axonhub::net {
namespace {

struct named_timeout {
  std::string_view name;
  std::optional<milliseconds> policy::channel_timeouts::*member;
};

constexpr auto timeouts = std::to_array<named_timeout>({
    {"connect_ms", &policy::channel_timeouts::connect},
    {"first_byte_ms", &policy::channel_timeouts::first_byte},
    {"first_event_ms", &policy::channel_timeouts::first_event},
    {"max_silence_ms", &policy::channel_timeouts::max_silence},
    {"total_ms", &policy::channel_timeouts::total},
});

constexpr auto fixed_fields =
    std::to_array<std::string_view>({"id", "status", "status_reason", "created_at"});

/// What changes without a call.
constexpr auto given_fields = std::to_array<std::string_view>(
    {"updated_at", "last_test", "health", "quota_summary", "last_24h"});

/// What this version shows and does not act on, with the one value that it takes.
json idle_fields() {
  auto out = json::object();
  out["clients"] = "any";
  out["request_overrides"] = {{"headers", json::array()}, {"body", json::array()}};
  out["quota"] = json::object();
  out["billing"] = "metered";
  return out;
}

void read_timeouts(field_reader& fields, policy::channel_timeouts& to) {
  to = {};
  const auto* object = fields.find("timeouts");
  if (object == nullptr)
    return;
  auto inner = field_reader{*object, fields.pointer_to("timeouts")};
  for (const auto& [name, member] : timeouts)
    inner.read(name, to.*member);
  inner.finish();
}

void read_limits(field_reader& fields, policy::channel_limits& to) {
  to = {};
  const auto* object = fields.find("limits");
  if (object == nullptr)
    return;
  auto inner = field_reader{*object, fields.pointer_to("limits")};
  read_gate_limits(inner, to.rate);
  inner.read("queue_size", to.queue_size, 0, 100'000);
  auto timeout = std::int64_t{to.queue_timeout.count()};
  inner.read("queue_timeout_ms", timeout, 0, milliseconds{policy::longest_queue_timeout}.count());
  to.queue_timeout = milliseconds{timeout};
  inner.finish();
}

void read_mappings(field_reader& fields, std::vector<policy::name_mapping>& to) {
  to.clear();
  for (const auto& [item, pointer] : fields.objects("model_mappings")) {
    auto inner = field_reader{*item, pointer};
    to.push_back({inner.require("from"), inner.require("to")});
    inner.finish();
  }
}

void read_type(field_reader& fields, policy::channel& to) {
  const auto type = policy::require_channel_type(fields.require("type"));
  if (!type)
    refuse_field("/type", type.error().message);
  to.type = (*type)->type;
}

void read_address(field_reader& fields, policy::channel& to) {
  to.base_url.clear();
  fields.read("base_url", to.base_url);
  if (const auto fine = policy::check_base_url(to.base_url); !fine)
    refuse_field("/base_url", fine.error().message);
  to.allow_private_network = false;
  fields.read("allow_private_network", to.allow_private_network);
  to.ca_certificates.clear();
  if (fields.read("ca_certificates", to.ca_certificates) && !to.ca_certificates.empty())
    if (const auto made = make_client_context(to.ca_certificates); !made)
      refuse_field("/ca_certificates", made.error().message);
}

void read_models(field_reader& fields, policy::channel& to) {
  for (auto* list : {&to.supported_models, &to.auto_trimmed_model_prefixes})
    list->clear();
  fields.read("supported_models", to.supported_models);
  for (const auto& model : to.supported_models)
    if (model.empty())
      refuse_field("/supported_models", "must not hold an empty name");
  read_mappings(fields, to.model_mappings);
  to.extra_model_prefix.clear();
  fields.read("extra_model_prefix", to.extra_model_prefix);
  fields.read("auto_trimmed_model_prefixes", to.auto_trimmed_model_prefixes);
  to.hide_original_models = to.hide_mapped_models = false;
  fields.read("hide_original_models", to.hide_original_models);
  fields.read("hide_mapped_models", to.hide_mapped_models);
  to.default_test_model.clear();
  fields.read("default_test_model", to.default_test_model);
}

/// They have calls of their own: a channel's may only have them as they are shown, but for their
/// health.
void read_credentials_as_they_are(field_reader& fields, const json& shown) {
  const auto* given = fields.find("credentials");
  const auto now = shown.is_null() ? json{} : without_health(shown.at("credentials"));
  if (given != nullptr && without_health(*given) != now)
    refuse_field(fields.pointer_to("credentials"), "cannot be set");
}

} // namespace

json settings_to_json(const policy::channel& c) {
  auto out = json::object();
  out["name"] = c.name;
  out["type"] = c.type;
  out["base_url"] = c.base_url;
  out["supported_models"] = c.supported_models;
  out["model_mappings"] = json::array();
  for (const auto& [from, to] : c.model_mappings) {
    auto one = json::object();
    one["from"] = from;
    one["to"] = to;
    out["model_mappings"].push_back(std::move(one));
  }
  out["extra_model_prefix"] = c.extra_model_prefix;
  out["auto_trimmed_model_prefixes"] = c.auto_trimmed_model_prefixes;
  out["hide_original_models"] = c.hide_original_models;
  out["hide_mapped_models"] = c.hide_mapped_models;
  out["tags"] = c.tags;
  out["priority"] = c.priority;
  out["weight"] = c.weight;
  out["default_test_model"] = c.default_test_model;
  out["model_capabilities"] = to_json(c.model_capabilities);
  out["compatibility"] = to_json(c.compatibility);
  const auto idle = idle_fields();
  for (const auto& [name, value] : idle.items())
    out[name] = value;
  out["limits"] = to_json(c.limits.rate);
  if (c.limits != policy::channel_limits{}) {
    out["limits"]["queue_size"] = c.limits.queue_size;
    out["limits"]["queue_timeout_ms"] = c.limits.queue_timeout.count();
  }
  out["timeouts"] = json::object();
  for (const auto& [name, member] : timeouts)
    if (const auto& limit = c.timeouts.*member)
      out["timeouts"][std::string{name}] = limit->count();
  out["allow_private_network"] = c.allow_private_network;
  out["ca_certificates"] = c.ca_certificates;
  out["remark"] = c.remark;
  return out;
}

json to_json(const policy::channel& c, const credential_list& credentials,
             const policy::health_view& health, wall_time now) {
  auto out = json::object();
  out["id"] = c.id.text;
  out["status"] = policy::to_text(c.status);
  out["status_reason"] = text_or_null(c.status_reason);
  const auto settings = settings_to_json(c);
  for (const auto& [name, value] : settings.items())
    out[name] = value;
  out["credentials"] = json::array();
  for (const auto* one : credentials)
    out["credentials"].push_back(to_json(*one, health, now));
  out["created_at"] = to_rfc3339(c.created_at);
  out["updated_at"] = to_rfc3339(c.updated_at);
  out["last_test"] = nullptr;
  if (c.last_test) {
    out["last_test"]["at"] = to_rfc3339(c.last_test->at);
    out["last_test"]["ok"] = c.last_test->ok;
    out["last_test"]["reason"] = text_or_null(c.last_test->reason);
  }
  out["health"]["state"] = policy::to_text(health.state);
  out["health"]["until"] = to_json(health.until);
  out["health"]["in_flight"] = health.in_flight;
  out["health"]["queued"] = health.queued;
  out["quota_summary"] = nullptr;
  out["last_24h"] = nullptr;
  return out;
}

void read_channel(const json& whole, const json& shown, policy::channel& to) {
  auto fields = field_reader{whole};
  to.name = fields.require("name");
  read_type(fields, to);
  read_address(fields, to);
  read_models(fields, to);
  to.tags.clear();
  fields.read("tags", to.tags);
  to.priority = 0;
  fields.read("priority", to.priority, -1'000'000, 1'000'000);
  to.weight = 100;
  fields.read("weight", to.weight, 1, 1000);
  read_capabilities(fields, to.model_capabilities);
  read_compatibility(fields, to.compatibility);
  read_timeouts(fields, to.timeouts);
  read_limits(fields, to.limits);
  to.remark.clear();
  fields.read("remark", to.remark);
  const auto idle = idle_fields();
  for (const auto& [name, value] : idle.items())
    fields.only(name, value);
  for (const auto name : fixed_fields)
    fields.read_only(name, shown.is_null() ? json{} : shown.at(std::string{name}));
  for (const auto name : given_fields)
    fields.given(name, shown);
  read_credentials_as_they_are(fields, shown);
  fields.finish();
}

} // namespace axonhub::net
