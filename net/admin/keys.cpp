#include <algorithm>

#include "base/random.hpp"
#include "base/text.hpp"
#include "net/admin/change.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/key_json.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"

namespace axonhub::net::admin {
namespace {

constexpr std::size_t shortest_key = 16;
constexpr std::size_t longest_key = 512;
constexpr auto longest_overlap = std::chrono::milliseconds{std::chrono::hours{24 * 90}};

const policy::api_key& find_key(const admin_call& call) {
  const auto& all = call.world->catalog->data().keys;
  const auto found = all.find(key_id{call.params.at(0)});
  if (found == all.end())
    refuse(404, "There is no key '" + call.params.at(0) + "'");
  return found->second;
}

/// 256 random bits: "ah-" and 43 characters.
secret new_client_key() { return secret{"ah-" + to_base64url(random_bytes(32))}; }

secret read_client_key(const json& given) {
  if (!given.is_string())
    refuse_field("/key", "must be a text");
  const auto& text = given.get_ref<const std::string&>();
  if (text.size() < shortest_key || text.size() > longest_key ||
      !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    refuse_field("/key", "must have from 16 to 512 visible ASCII characters");
  return secret{text};
}

void put_secret(policy::api_key& to, const secret& key, const policy::catalog& c) {
  const auto& text = key.reveal();
  to.hash = c.hash_of(text);
  to.prefix = text.substr(0, std::min<std::size_t>(8, text.size() / 4));
}

/// By its id, or by its name.
project_id find_project(const policy::catalog_data& data, const std::string& text) {
  if (data.projects.contains(project_id{text}))
    return {text};
  for (const auto& [id, p] : data.projects)
    if (equals_ignoring_case(p.name, text))
      return id;
  refuse_field("/project", "there is no project '" + text + "'");
}

task<answer> save(admin_call& call, policy::api_key key, std::string action, int status,
                  json detail, secret shown_once) {
  const auto id = key.id;
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put<policy::api_key>{std::move(key)});
  co_await make_change(call, std::move(edits), std::move(action), id.text, std::move(detail));
  const auto& saved = call.world->catalog->data().keys.at(id);
  auto shown = to_json(saved);
  if (!shown_once.empty())
    shown["key"] = shown_once.reveal();
  co_return entity_answer(status, shown, saved.revision);
}

} // namespace

task<answer> list_keys(admin_call& call) {
  return make_beside(call, [&call] {
    const auto project = call.query_value("project");
    auto all = positioned<const policy::api_key*>{};
    for (const auto& [id, key] : call.world->catalog->data().keys)
      if (project.empty() || key.project.text == project)
        all.emplace_back(position_of(key.created_at, id.text), &key);
    return json_answer(200, one_page(call, std::move(all), page_order::oldest_first,
                                     [](const auto* key) { return to_json(*key); }));
  });
}

task<answer> create_key(admin_call& call) {
  auto whole = co_await object_of(call);
  const auto given = take_field(whole, "key");
  auto key = policy::api_key{};
  key.project.text = policy::default_project;
  read_key(whole, nullptr, key);
  const auto& catalog = *call.world->catalog;
  key.project = find_project(catalog.data(), key.project.text);
  auto value = given.is_null() ? new_client_key() : read_client_key(given);
  put_secret(key, value, catalog);
  key.id.text = make_id("key_");
  key.created_at = wall_now();
  auto detail = to_json(key);
  co_return co_await save(call, std::move(key), "key.create", 201, std::move(detail),
                          std::move(value));
}

task<answer> show_key(admin_call& call) {
  const auto& key = find_key(call);
  co_return entity_answer(200, to_json(key), key.revision);
}

task<answer> change_key(admin_call& call) {
  auto key = find_key(call);
  check_if_match(call, key.revision);
  const auto before = to_json(key);
  read_key(patched(before, co_await object_of(call)), before, key);
  key.project = find_project(call.world->catalog->data(), key.project.text);
  auto detail = difference(before, to_json(key));
  co_return co_await save(call, std::move(key), "key.update", 200, std::move(detail), {});
}

task<answer> delete_key(admin_call& call) {
  return delete_entity(call, find_key(call), "key.delete");
}

task<answer> rotate_key(admin_call& call) {
  auto key = find_key(call);
  check_if_match(call, key.revision);
  const auto body = co_await object_of(call);
  auto fields = field_reader{body};
  auto overlap = std::int64_t{0};
  fields.read("overlap_ms", overlap, 0, longest_overlap.count());
  fields.finish();
  key.previous_hash = overlap > 0 ? key.hash : std::string{};
  key.previous_until.reset();
  if (overlap > 0)
    key.previous_until = wall_now() + milliseconds{overlap};
  auto value = new_client_key();
  put_secret(key, value, *call.world->catalog);
  auto detail = json::object();
  detail["overlap_ms"] = overlap;
  co_return co_await save(call, std::move(key), "key.rotate", 200, std::move(detail),
                          std::move(value));
}

} // namespace axonhub::net::admin
