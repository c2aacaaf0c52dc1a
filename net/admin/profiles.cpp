#include "net/admin/change.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"
#include "net/admin/profile_json.hpp"

namespace axonhub::net::admin {
namespace {

const policy::profile& find_profile(const admin_call& call) {
  const auto& all = call.world->catalog->data().profiles;
  const auto found = all.find(profile_id{call.params.at(0)});
  if (found == all.end())
    refuse(404, "There is no profile '" + call.params.at(0) + "'");
  return found->second;
}

json shown(const admin_call& call, const policy::profile& p) {
  return to_json(p, call.world->catalog->data());
}

task<answer> save(admin_call& call, policy::profile p, std::string action, int status,
                  json detail) {
  const auto id = p.id;
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::put<policy::profile>{std::move(p)});
  co_await make_change(call, std::move(edits), std::move(action), id.text, std::move(detail));
  const auto& saved = call.world->catalog->data().profiles.at(id);
  auto out = shown(call, saved);
  if (auto warnings = warnings_of(saved); !warnings.empty())
    out["warnings"] = std::move(warnings);
  co_return entity_answer(status, out, saved.revision);
}

} // namespace

task<answer> list_profiles(admin_call& call) {
  return make_beside(call, [&call] {
    const auto project = call.query_value("project");
    auto all = positioned<const policy::profile*>{};
    for (const auto& [id, p] : call.world->catalog->data().profiles)
      if (project.empty() || p.project.text == project)
        all.emplace_back(position_of(p.created_at, id.text), &p);
    return json_answer(200, one_page(call, std::move(all), page_order::oldest_first,
                                     [&](const auto* p) { return shown(call, *p); }));
  });
}

task<answer> create_profile(admin_call& call) {
  auto p = policy::profile{};
  p.project.text = policy::default_project;
  read_profile(co_await object_of(call), nullptr, p);
  p.id.text = make_id("prf_");
  p.created_at = wall_now();
  auto detail = shown(call, p);
  co_return co_await save(call, std::move(p), "profile.create", 201, std::move(detail));
}

task<answer> show_profile(admin_call& call) {
  const auto& p = find_profile(call);
  co_return entity_answer(200, shown(call, p), p.revision);
}

task<answer> change_profile(admin_call& call) {
  auto p = find_profile(call);
  check_if_match(call, p.revision);
  const auto before = shown(call, p);
  read_profile(patched(before, co_await object_of(call)), before, p);
  auto detail = difference(before, shown(call, p));
  co_return co_await save(call, std::move(p), "profile.update", 200, std::move(detail));
}

task<answer> delete_profile(admin_call& call) {
  return delete_entity(call, find_profile(call), "profile.delete");
}

} // namespace axonhub::net::admin
