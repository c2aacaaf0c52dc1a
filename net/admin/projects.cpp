#include "net/admin/change.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"

namespace axonhub::net::admin {
namespace {

json shown(const policy::project& p) {
  auto out = json::object();
  out["id"] = p.id.text;
  out["name"] = p.name;
  out["created_at"] = to_rfc3339(p.created_at);
  return out;
}

const policy::project& find_project(const admin_call& call) {
  const auto& all = call.world->catalog->data().projects;
  const auto found = all.find(project_id{call.params.at(0)});
  if (found == all.end())
    refuse(404, "There is no project '" + call.params.at(0) + "'");
  return found->second;
}

void read_project(const json& whole, const json& before, policy::project& to) {
  auto fields = field_reader{whole};
  to.name = fields.require("name");
  for (const auto* name : {"id", "created_at"})
    fields.read_only(name, before.is_null() ? json{} : before.at(name));
  fields.finish();
}

task<answer> save(admin_call& call, policy::project p, std::string action, int status,
                  json detail) {
  const auto id = p.id;
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put<policy::project>{std::move(p)});
  co_await make_change(call, std::move(edits), std::move(action), id.text, std::move(detail));
  const auto& saved = call.world->catalog->data().projects.at(id);
  co_return entity_answer(status, shown(saved), saved.revision);
}

} // namespace

task<answer> list_projects(admin_call& call) {
  return make_beside(call, [&call] {
    auto all = positioned<const policy::project*>{};
    for (const auto& [id, p] : call.world->catalog->data().projects)
      all.emplace_back(position_of(p.created_at, id.text), &p);
    return json_answer(200, one_page(call, std::move(all), page_order::oldest_first,
                                     [](const auto* p) { return shown(*p); }));
  });
}

task<answer> create_project(admin_call& call) {
  auto p = policy::project{};
  read_project(co_await object_of(call), nullptr, p);
  p.id.text = make_id("pr_");
  p.created_at = wall_now();
  auto detail = json::object();
  detail["name"] = p.name;
  co_return co_await save(call, std::move(p), "project.create", 201, std::move(detail));
}

task<answer> show_project(admin_call& call) {
  const auto& p = find_project(call);
  co_return entity_answer(200, shown(p), p.revision);
}

task<answer> change_project(admin_call& call) {
  auto p = find_project(call);
  check_if_match(call, p.revision);
  const auto before = shown(p);
  read_project(patched(before, co_await object_of(call)), before, p);
  auto detail = difference(before, shown(p));
  co_return co_await save(call, std::move(p), "project.update", 200, std::move(detail));
}

task<answer> delete_project(admin_call& call) {
  return delete_entity(call, find_project(call), "project.delete");
}

} // namespace axonhub::net::admin
