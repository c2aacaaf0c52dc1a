#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/openapi.hpp"
#include "net/admin/page.hpp"
#include "net/worker.hpp"

namespace axonhub::net::admin {
namespace {

json to_json(const policy::audit_entry& e) {
  auto out = json::object();
  out["at"] = to_rfc3339(e.at);
  out["actor"] = e.actor;
  out["from"] = text_or_null(e.from);
  out["action"] = e.action;
  out["target"] = text_or_null(e.target);
  const auto detail = json::parse(e.detail, nullptr, false);
  out["detail"] = detail.is_discarded() ? json(nullptr) : detail;
  return out;
}

} // namespace

task<answer> list_audit(admin_call& call) {
  const auto wanted = read_page(call);
  auto found = call.here.shared.kept.list_audit(wanted.after, wanted.limit);
  if (!found && found.error() == errc::invalid_argument)
    refuse(400, "The cursor is not one of this list");
  if (!found)
    refuse(503, "The store cannot be read: " + found.error().message());
  auto page = json::object();
  page["items"] = json::array();
  for (const auto& entry : found->first)
    page["items"].push_back(to_json(entry));
  page["next_cursor"] = found->second.empty() ? json(nullptr) : json(to_cursor(found->second));
  co_return json_answer(200, page);
}

task<answer> show_status(admin_call& call) {
  const auto& shared = call.here.shared;
  const auto size = shared.kept.size();
  const auto& data = call.world->catalog->data();
  const auto now = wall_now();
  auto node = json::object();
  node["id"] = "local";
  node["version"] = AXONHUB_VERSION;
  node["started_at"] = to_rfc3339(shared.started_at);
  node["draining"] = shared.draining.load();
  auto out = json::object();
  out["version"] = AXONHUB_VERSION;
  out["now"] = to_rfc3339(now);
  out["started_at"] = to_rfc3339(shared.started_at);
  out["uptime_ms"] = (now - shared.started_at).count();
  out["draining"] = shared.draining.load();
  out["config_revision"] = call.world->revision;
  out["store"]["used_bytes"] = size.used_bytes;
  out["store"]["file_bytes"] = size.file_bytes;
  out["nodes"] = json::array({std::move(node)});
  auto& counts = out["counts"];
  counts["projects"] = data.projects.size();
  counts["keys"] = data.keys.size();
  counts["channels"] = data.channels.size();
  counts["credentials"] = data.credentials.size();
  counts["models"] = call.world->catalog->models().size();
  out["request_body_bytes"] = shared.body_bytes.load();
  co_return json_answer(200, out);
}

task<answer> show_openapi(admin_call&) { co_return json_answer(200, openapi_of(routes())); }

} // namespace axonhub::net::admin
