#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "net/admin/channel_json.hpp"
#include "net/admin/fields.hpp"

namespace axonhub::net {
namespace {

constexpr std::size_t longest_value = 7000; // a header line has room for 8 KiB

constexpr auto fixed_fields = std::to_array<std::string_view>({"id", "hint"});

/// What changes without a call.
constexpr auto given_fields =
    std::to_array<std::string_view>({"status", "until", "reason", "last_used_at", "last_error"});

struct credential_state {
  std::string_view status = "ok";
  std::optional<wall_time> until{};
  std::string reason{};
};

credential_state state_of(const policy::credential& c, const policy::health_view& health,
                          wall_time now) {
  if (c.expires_at && *c.expires_at <= now)
    return {.status = "expired", .reason = "it has expired"};
  if (!c.invalid_reason.empty())
    return {.status = "invalid", .reason = c.invalid_reason};
  for (const auto& rest : health.cooldowns) {
    if (rest.credential != c.id)
      continue;
    auto reason = rest.detail.empty() ? std::string{policy::to_text(rest.why)} : rest.detail;
    if (rest.why == policy::reason::credential_invalid)
      return {.status = "invalid", .reason = std::move(reason)};
    return {.status = "cooling", .until = rest.until, .reason = std::move(reason)};
  }
  return {};
}

json last_error_of(const policy::credential& c, const policy::health_view& health) {
  const auto found = std::ranges::find(health.errors, c.id, &policy::seen_error::credential);
  if (found == health.errors.end())
    return nullptr;
  auto out = json::object();
  out["at"] = to_rfc3339(found->at);
  out["reason"] = policy::to_text(found->kind);
  out["http_status"] = found->http_status == 0 ? json(nullptr) : json(found->http_status);
  out["message"] = text_or_null(found->message);
  return out;
}

} // namespace

json to_json(const policy::credential& c, const policy::health_view& health, wall_time now) {
  const auto state = state_of(c, health, now);
  auto out = json::object();
  out["id"] = c.id.text;
  out["name"] = c.name;
  out["hint"] = c.value.hint();
  out["auth"] = policy::to_text(c.auth);
  out["enabled"] = c.enabled;
  out["status"] = state.status;
  out["until"] = to_json(state.until);
  out["reason"] = text_or_null(state.reason);
  out["expires_at"] = to_json(c.expires_at);
  out["last_used_at"] = nullptr;
  out["last_error"] = last_error_of(c, health);
  return out;
}

json without_health(json credentials) {
  if (!credentials.is_array())
    return credentials;
  for (auto& one : credentials)
    if (one.is_object())
      for (const auto name : given_fields)
        one.erase(std::string{name});
  return credentials;
}

secret read_credential_value(const json& value, const std::string& pointer) {
  if (!value.is_string())
    refuse_field(pointer, "must be a text");
  const auto text = std::string{trimmed(value.get_ref<const std::string&>())};
  if (text.empty() || text.size() > longest_value)
    refuse_field(pointer, "must have from 1 to 7000 characters");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    refuse_field(pointer, "must be visible ASCII without blanks: it travels in a header");
  return secret{text};
}

void read_credential(const json& whole, const json& shown, policy::credential& to,
                     const std::string& pointer) {
  auto fields = field_reader{whole, pointer};
  to.name = "default";
  fields.read("name", to.name);
  if (const auto* value = fields.find("value"))
    to.value = read_credential_value(*value, fields.pointer_to("value"));
  auto auth = std::string{policy::to_text(policy::auth_scheme::automatic)};
  fields.read("auth", auth);
  const auto scheme = policy::from_text<policy::auth_scheme>(auth);
  if (!scheme)
    refuse_field(fields.pointer_to("auth"), "must be auto, bearer or x_api_key");
  to.auth = *scheme;
  to.enabled = true;
  fields.read("enabled", to.enabled);
  to.expires_at.reset();
  fields.read("expires_at", to.expires_at);
  for (const auto name : fixed_fields)
    fields.read_only(name, shown.is_null() ? json{} : shown.at(std::string{name}));
  for (const auto name : given_fields)
    fields.given(name, shown);
  fields.finish();
}

} // namespace axonhub::net
