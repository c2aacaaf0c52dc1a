#include "net/admin/channels.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/admin/change.hpp"
#include "net/admin/channel_json.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"
#include "net/admin/problem.hpp"
#include "net/admin/views.hpp"
#include "net/ask.hpp"
#include "policy/channel_types.hpp"

namespace axonhub::net::admin {
namespace {

constexpr auto health_deadline = std::chrono::seconds{2};

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return to_lower(text).find(to_lower(part)) != std::string::npos;
}

bool matches(const admin_call& call, const policy::channel& c) {
  const auto type = call.query_value("type");
  const auto status = call.query_value("status");
  const auto tag = call.query_value("tag");
  const auto model = call.query_value("model");
  const auto q = call.query_value("q");
  return (type.empty() || policy::find_channel_type(type) == policy::find_channel_type(c.type)) &&
         (status.empty() || policy::to_text(c.status) == status) &&
         (tag.empty() || std::ranges::find(c.tags, tag) != c.tags.end()) &&
         (model.empty() || policy::upstream_model_name(c, model)) &&
         (q.empty() || contains_ignoring_case(c.name, q) || contains_ignoring_case(c.base_url, q) ||
          contains_ignoring_case(c.remark, q));
}

/// Has the channel forget what it has learnt of failures. Warnings, where it did not hear of it.
task<json> forgive(admin_call& call, channel_id id) {
  auto warnings = json::array();
  const auto running = call.world->channels.find(id);
  if (running == call.world->channels.end())
    co_return warnings;
  const auto actor = running->second.actor;
  const auto done = co_await ask<void>(actor, health_deadline, atom::restore_v);
  if (done)
    co_return warnings;
  auto warning = json::object();
  warning["pointer"] = "";
  warning["detail"] = "The channel did not answer in time: it may still rest after failures";
  warnings.push_back(std::move(warning));
  co_return warnings;
}

/// Saves it; with `as_new` what it has learnt of failures is forgotten.
task<answer> save(admin_call& call, policy::channel c, std::string action, json detail,
                  bool as_new = false) {
  const auto id = c.id;
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put<policy::channel>{std::move(c)});
  co_await make_change(call, std::move(edits), std::move(action), id.text, std::move(detail));
  auto warnings = json::array();
  if (as_new)
    warnings = co_await forgive(call, id);
  auto shown = co_await show(call, id);
  if (!warnings.empty())
    shown["warnings"] = std::move(warnings);
  co_return entity_answer(200, shown, call.world->catalog->find_channel(id)->revision);
}

task<answer> set_status(admin_call& call, policy::channel_status status, std::string action) {
  auto c = find_channel(call);
  check_if_match(call, c.revision);
  c.status = status;
  c.status_reason.clear();
  c.updated_at = wall_now();
  const auto as_new = status == policy::channel_status::enabled;
  co_return co_await save(call, std::move(c), std::move(action), json::object(), as_new);
}

} // namespace

const policy::channel& find_channel(const admin_call& call) {
  const auto* found = call.world->catalog->find_channel({call.params.at(0)});
  if (found == nullptr)
    refuse(404, "There is no channel '" + call.params.at(0) + "'");
  return *found;
}

task<policy::health_view> health_of(admin_call& call, channel_id id) {
  const auto running = call.world->channels.find(id);
  if (running == call.world->channels.end())
    co_return policy::health_view{};
  const auto actor = running->second.actor;
  auto seen = co_await ask<policy::health_view>(actor, health_deadline, atom::describe_v);
  co_return seen ? std::move(*seen) : policy::health_view{};
}

task<json> show(admin_call& call, channel_id id) {
  const auto health = co_await health_of(call, id);
  const auto& catalog = *call.world->catalog;
  co_return to_json(*catalog.find_channel(id), catalog.credentials_of(id), health, wall_now());
}

new_channel read_new_channel(json whole) {
  auto made = new_channel{};
  const auto api_key = take_field(whole, "api_key");
  const auto listed = take_field(whole, "credentials");
  read_channel(whole, nullptr, made.channel);
  made.channel.id.text = make_id("ch_");
  made.channel.created_at = made.channel.updated_at = wall_now();
  const auto add = [&](policy::credential c) {
    c.id.text = make_id("cr_");
    c.channel = made.channel.id;
    // Credentials are listed in the order of their creation.
    c.created_at = made.channel.created_at + milliseconds{made.credentials.size()};
    made.credentials.push_back(std::move(c));
  };
  if (!api_key.is_null()) {
    auto c = policy::credential{};
    c.name = "default";
    c.value = read_credential_value(api_key, "/api_key");
    add(std::move(c));
  }
  if (!listed.is_null() && !listed.is_array())
    refuse_field("/credentials", "must be a list of objects");
  for (auto i = std::size_t{0}; i < listed.size(); ++i) {
    const auto pointer = "/credentials/" + std::to_string(i);
    auto c = policy::credential{};
    read_credential(listed[i], nullptr, c, pointer);
    if (c.value.empty())
      refuse_field(pointer + "/value", "must be there");
    add(std::move(c));
  }
  return made;
}

task<answer> list_channels(admin_call& call) {
  auto page = co_await offload(call.here, chore::page, [&call] {
    auto all = positioned<channel_id>{};
    for (const auto& [id, c] : call.world->catalog->data().channels)
      if (matches(call, c))
        all.emplace_back(position_of(c.created_at, id.text), id);
    return one_page(call, std::move(all), page_order::oldest_first,
                    [](const channel_id& id) { return json(id.text); });
  });
  auto health = std::vector<policy::health_view>{};
  for (const auto& item : page["items"]) {
    auto id = channel_id{item.get<std::string>()};
    health.push_back(co_await health_of(call, std::move(id)));
  }
  co_return co_await make_beside(call, [&] {
    const auto& catalog = *call.world->catalog;
    for (auto i = std::size_t{0}; i < health.size(); ++i) {
      const auto id = channel_id{page["items"][i].get<std::string>()};
      page["items"][i] =
          to_json(*catalog.find_channel(id), catalog.credentials_of(id), health[i], wall_now());
    }
    return json_answer(200, page);
  });
}

task<answer> create_channel(admin_call& call) {
  auto made = read_new_channel(co_await object_of(call));
  const auto id = made.channel.id;
  auto detail = settings_to_json(made.channel);
  detail["credentials"] = made.credentials.size();
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put<policy::channel>{std::move(made.channel)});
  for (auto& c : made.credentials)
    edits.push_back(policy::put<policy::credential>{std::move(c)});
  co_await make_change(call, std::move(edits), "channel.create", id.text, std::move(detail));
  const auto shown = co_await show(call, id);
  co_return entity_answer(201, shown, call.world->catalog->find_channel(id)->revision);
}

task<answer> show_channel(admin_call& call) {
  const auto& c = find_channel(call);
  const auto shown = co_await show(call, c.id);
  co_return entity_answer(200, shown, c.revision);
}

task<answer> change_channel(admin_call& call) {
  auto c = find_channel(call);
  check_if_match(call, c.revision);
  const auto before = co_await show(call, c.id);
  const auto old = settings_to_json(c);
  read_channel(patched(before, co_await object_of(call)), before, c);
  c.updated_at = wall_now();
  auto detail = difference(old, settings_to_json(c));
  co_return co_await save(call, std::move(c), "channel.update", std::move(detail));
}

task<answer> delete_channel(admin_call& call) {
  return delete_entity(call, find_channel(call), "channel.delete");
}

task<answer> enable_channel(admin_call& call) {
  return set_status(call, policy::channel_status::enabled, "channel.enable");
}

task<answer> disable_channel(admin_call& call) {
  return set_status(call, policy::channel_status::disabled, "channel.disable");
}

task<answer> show_health(admin_call& call) {
  const auto health = co_await health_of(call, find_channel(call).id);
  co_return json_answer(200, to_json(health));
}

task<answer> list_channel_types(admin_call&) {
  auto page = json::object();
  page["items"] = json::array();
  for (const auto& type : policy::channel_types()) {
    auto one = json::object();
    one["type"] = type.type;
    one["label"] = type.label;
    one["default_base_url"] = type.default_base_url;
    one["default_models"] = type.default_models;
    one["credential_kinds"] = type.credential_kinds;
    one["dialects"] = json::array({llm::to_text(type.traits.speaks)});
    one["quota"] = false;
    page["items"].push_back(std::move(one));
  }
  page["next_cursor"] = nullptr;
  co_return json_answer(200, page);
}

} // namespace axonhub::net::admin
