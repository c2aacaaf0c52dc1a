#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/admin/call.hpp"
#include "net/admin/json.hpp"

namespace axonhub::net {

/// Makes edits durable and visible to every thread, with their line in the audit; `call.world` has
/// them afterwards. Throws a problem when they are refused. `detail` must hold no secret.
task<void> make_change(admin_call& call, std::vector<policy::catalog_edit> edits,
                       std::string action, std::string target, json detail);

/// Throws 412 when the caller read another revision than this one (If-Match).
void check_if_match(const admin_call& call, std::uint64_t revision);

/// The answer that shows one entity, with its revision as ETag.
answer entity_answer(int status, const json& shown, std::uint64_t revision);

answer no_content();

/// Deletes an entity if the caller has read its present revision; the audit keeps its name.
template <class Entity>
task<answer> delete_entity(admin_call& call, const Entity& entity, std::string action) {
  check_if_match(call, entity.revision);
  auto detail = json::object();
  detail["name"] = entity.name;
  auto target = entity.id.text;
  auto edits = std::vector<policy::catalog_edit>{};
  edits.push_back(policy::erase<decltype(entity.id)>{entity.id});
  co_await make_change(call, std::move(edits), std::move(action), std::move(target),
                       std::move(detail));
  co_return no_content();
}

/// The fields that differ, as {"name": {"from": ..., "to": ...}}: for the audit.
json difference(const json& before, const json& after);

} // namespace axonhub::net
