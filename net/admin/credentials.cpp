#include <algorithm>

#include "net/admin/change.hpp"
#include "net/admin/channel_json.hpp"
#include "net/admin/channels.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"
#include "net/ask.hpp"

namespace axonhub::net::admin {
namespace {

constexpr auto restore_deadline = std::chrono::seconds{2};

const policy::credential& find_credential(const admin_call& call) {
  const auto& channel = find_channel(call);
  const auto* found = call.world->catalog->find_credential({call.params.at(1)});
  if (found == nullptr || found->channel != channel.id)
    refuse(404, "There is no credential '" + call.params.at(1) + "' in this channel");
  return *found;
}

/// What the audit keeps of a credential: no secret, nothing that changes by itself.
json settings_of(const policy::credential& c) {
  auto out = json::object();
  out["channel"] = c.channel.text;
  out["name"] = c.name;
  out["hint"] = c.value.hint();
  out["auth"] = policy::to_text(c.auth);
  out["enabled"] = c.enabled;
  out["expires_at"] = to_json(c.expires_at);
  return out;
}

/// Saved, but the channel may go by what it has learnt of the credential's rate limit.
json still_resting() {
  auto warning = json::object();
  warning["pointer"] = "";
  warning["detail"] = "The channel did not answer in time: it may let the credential rest a while";
  return json::array({std::move(warning)});
}

/// Saves it; with `as_new` what the channel has learnt of its failures is forgotten.
task<answer> save(admin_call& call, policy::credential c, std::string action, int status,
                  json detail, bool as_new) {
  const auto id = c.id;
  const auto channel = c.channel;
  if (as_new) {
    c.invalid_reason.clear();
    c.invalid_since.reset();
  }
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put<policy::credential>{std::move(c)});
  co_await make_change(call, std::move(edits), std::move(action), id.text, std::move(detail));
  auto unheard = false;
  if (const auto running = call.world->channels.find(channel);
      as_new && running != call.world->channels.end()) {
    const auto actor = running->second.actor;
    const auto done = co_await ask<void>(actor, restore_deadline, atom::restore_v, id);
    unheard = !done;
  }
  const auto health = co_await health_of(call, channel);
  const auto& saved = *call.world->catalog->find_credential(id);
  auto shown = to_json(saved, health, wall_now());
  if (unheard)
    shown["warnings"] = still_resting();
  co_return entity_answer(status, shown, saved.revision);
}

task<answer> set_enabled(admin_call& call, bool enabled, std::string action) {
  auto c = find_credential(call);
  check_if_match(call, c.revision);
  c.enabled = enabled;
  auto detail = settings_of(c);
  co_return co_await save(call, std::move(c), std::move(action), 200, std::move(detail), enabled);
}

} // namespace

task<answer> list_credentials(admin_call& call) {
  const auto id = find_channel(call).id;
  const auto health = co_await health_of(call, id);
  co_return co_await make_beside(call, [&] {
    auto all = positioned<const policy::credential*>{};
    for (const auto* c : call.world->catalog->credentials_of(id))
      all.emplace_back(position_of(c->created_at, c->id.text), c);
    const auto now = wall_now();
    return json_answer(200, one_page(call, std::move(all), page_order::oldest_first,
                                     [&](const auto* c) { return to_json(*c, health, now); }));
  });
}

task<answer> create_credential(admin_call& call) {
  auto c = policy::credential{};
  c.channel = find_channel(call).id;
  read_credential(co_await object_of(call), nullptr, c);
  if (c.value.empty())
    refuse_field("/value", "must be there");
  c.id.text = make_id("cr_");
  c.created_at = wall_now();
  auto detail = settings_of(c);
  co_return co_await save(call, std::move(c), "credential.create", 201, std::move(detail), true);
}

task<answer> change_credential(admin_call& call) {
  auto c = find_credential(call);
  check_if_match(call, c.revision);
  const auto health = co_await health_of(call, c.channel);
  const auto before = to_json(c, health, wall_now());
  const auto old = settings_of(c);
  auto patch = co_await object_of(call);
  const auto value = take_field(patch, "value");
  auto whole = patched(before, patch);
  if (!value.is_null())
    whole["value"] = value;
  read_credential(whole, before, c);
  auto detail = difference(old, settings_of(c));
  if (!value.is_null())
    detail["value"] = "replaced";
  co_return co_await save(call, std::move(c), "credential.update", 200, std::move(detail),
                          !value.is_null());
}

task<answer> delete_credential(admin_call& call) {
  const auto& c = find_credential(call);
  check_if_match(call, c.revision);
  const auto id = c.id;
  auto detail = settings_of(c);
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::erase<credential_id>{id});
  co_await make_change(call, std::move(edits), "credential.delete", id.text, std::move(detail));
  co_return no_content();
}

task<answer> enable_credential(admin_call& call) {
  return set_enabled(call, true, "credential.enable");
}

task<answer> disable_credential(admin_call& call) {
  return set_enabled(call, false, "credential.disable");
}

} // namespace axonhub::net::admin
