#include "net/admin/change.hpp"

#include "base/text.hpp"
#include "net/admin/problem.hpp"
#include "net/ask.hpp"
#include "net/http_write.hpp"
#include "net/session.hpp"

namespace axonhub::net {
namespace {

constexpr auto change_deadline = std::chrono::seconds{10};

bool only_erases(const std::vector<policy::catalog_edit>& edits) {
  return std::ranges::all_of(edits, [](const policy::catalog_edit& e) {
    return std::visit(
        [](const auto& edit) {
          return requires { edit.id; };
        },
        e);
  });
}

int status_of(errc code, bool erases) {
  switch (code) {
    case errc::not_found:
      return 404;
    case errc::already_exists:
      return 409;
    case errc::precondition_failed:
      return erases ? 409 : 412;
    case errc::invalid_argument:
      return 400;
    default:
      return 503;
  }
}

std::string quoted_revision(std::uint64_t revision) { return '"' + std::to_string(revision) + '"'; }

} // namespace

task<void> make_change(admin_call& call, std::vector<policy::catalog_edit> edits,
                       std::string action, std::string target, json detail) {
  auto change = policy::catalog_change{};
  const auto erases = only_erases(edits);
  change.edits = std::move(edits);
  change.audit.at = wall_now();
  change.audit.actor = call.actor;
  change.audit.from = call.from.client_address();
  change.audit.action = action;
  change.audit.target = target;
  change.audit.detail = to_text(detail);
  auto done = co_await ask<actors::change_answer>(call.world->catalog_owner, change_deadline,
                                                  atom::change_v, std::move(change));
  if (!done)
    refuse(503, "The change could not be saved: " + done.error().message());
  if (done->refused)
    refuse(status_of(done->refused->code, erases), done->refused->message);
  call.world = done->adopted;
  auto& events = call.here.shared.events;
  if (!events.is_watched())
    co_return;
  auto told = json::object();
  told["at"] = to_rfc3339(wall_now());
  told["action"] = std::move(action);
  told["target"] = std::move(target);
  told["revision"] = call.world->revision;
  events.publish("config.changed", to_text(told));
}

void check_if_match(const admin_call& call, std::uint64_t revision) {
  const auto wanted = call.from.head().find("if-match");
  if (wanted.empty() || wanted == "*")
    return;
  const auto now = quoted_revision(revision);
  for (const auto tag : split(wanted, ','))
    if (tag == now)
      return;
  refuse(412, "It has changed since you read it: read it again");
}

answer entity_answer(int status, const json& shown, std::uint64_t revision) {
  auto out = json_answer(status, shown);
  append_field(out.fields, "etag", quoted_revision(revision));
  return out;
}

answer no_content() { return {.status = 204, .content_type = {}}; }

json difference(const json& before, const json& after) {
  auto out = json::object();
  for (const auto& [name, value] : after.items()) {
    const auto old = before.find(name);
    if (old != before.end() && *old == value)
      continue;
    out[name]["from"] = old == before.end() ? json(nullptr) : *old;
    out[name]["to"] = value;
  }
  return out;
}

} // namespace axonhub::net
