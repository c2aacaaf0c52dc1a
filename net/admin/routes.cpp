#include "net/admin/routes.hpp"

#include <algorithm>
#include <array>

#include "net/admin/handlers.hpp"

namespace axonhub::net {
namespace {

/// One row: a route, and the query parameters that it takes.
struct endpoint_row {
  std::string_view method;
  std::string_view path;
  admin_handler handler; ///< Null: the stream of events.
  std::string_view summary;
  std::string_view query{};
};

constexpr std::string_view paged = "limit cursor";

using namespace admin;

constexpr auto rows = std::to_array<endpoint_row>({
    {"GET", "/admin/api/projects", list_projects, "Lists the projects", paged},
    {"POST", "/admin/api/projects", create_project, "Makes a project"},
    {"GET", "/admin/api/projects/{id}", show_project, "Shows a project"},
    {"PATCH", "/admin/api/projects/{id}", change_project, "Changes a project"},
    {"DELETE", "/admin/api/projects/{id}", delete_project, "Deletes a project without keys"},

    {"GET", "/admin/api/keys", list_keys, "Lists the client keys", "limit cursor project"},
    {"POST", "/admin/api/keys", create_key, "Makes a client key and shows it this once"},
    {"GET", "/admin/api/keys/{id}", show_key, "Shows a client key without its secret"},
    {"PATCH", "/admin/api/keys/{id}", change_key, "Changes a client key"},
    {"DELETE", "/admin/api/keys/{id}", delete_key, "Deletes a client key"},
    {"POST", "/admin/api/keys/{id}/rotate", rotate_key,
     "Makes a new secret; the old one stays valid for overlap_ms"},

    {"GET", "/admin/api/keys/{id}/budget", show_key_budget,
     "Shows what a key has used of its budgets and its profile's quota, and what is left"},

    {"GET", "/admin/api/profiles", list_profiles, "Lists the profiles", "limit cursor project"},
    {"POST", "/admin/api/profiles", create_profile, "Makes a profile"},
    {"GET", "/admin/api/profiles/{id}", show_profile, "Shows a profile"},
    {"PATCH", "/admin/api/profiles/{id}", change_profile, "Changes a profile"},
    {"DELETE", "/admin/api/profiles/{id}", delete_profile, "Deletes a profile that no key has"},

    {"GET", "/admin/api/channels", list_channels, "Lists the channels",
     "limit cursor type status tag model q"},
    {"POST", "/admin/api/channels", create_channel, "Makes a channel, disabled"},
    {"POST", "/admin/api/channels/test", test_draft, "Tests a channel before it is saved"},
    {"GET", "/admin/api/channels/{id}", show_channel, "Shows a channel"},
    {"PATCH", "/admin/api/channels/{id}", change_channel, "Changes a channel"},
    {"DELETE", "/admin/api/channels/{id}", delete_channel,
     "Deletes a channel; its running requests end first"},
    {"POST", "/admin/api/channels/{id}/enable", enable_channel, "Lets a channel serve"},
    {"POST", "/admin/api/channels/{id}/disable", disable_channel,
     "Keeps new requests from a channel"},
    {"POST", "/admin/api/channels/{id}/test", test_channel,
     "Sends a tiny real request to this channel alone"},
    {"POST", "/admin/api/channels/{id}/fetch_models", fetch_models,
     "Asks the upstream for its models"},
    {"GET", "/admin/api/channels/{id}/health", show_health,
     "Shows breakers, cooldowns and the last errors"},
    {"GET", "/admin/api/channels/{id}/credentials", list_credentials,
     "Lists a channel's credentials without their values", paged},
    {"POST", "/admin/api/channels/{id}/credentials", create_credential, "Adds a credential"},
    {"PATCH", "/admin/api/channels/{id}/credentials/{cid}", change_credential,
     "Changes a credential"},
    {"DELETE", "/admin/api/channels/{id}/credentials/{cid}", delete_credential,
     "Deletes a credential"},
    {"POST", "/admin/api/channels/{id}/credentials/{cid}/enable", enable_credential,
     "Takes a credential into use again, as if new"},
    {"POST", "/admin/api/channels/{id}/credentials/{cid}/disable", disable_credential,
     "Takes a credential out of use"},
    {"GET", "/admin/api/channel-types", list_channel_types,
     "Lists the kinds of upstream that this build speaks to"},

    {"GET", "/admin/api/prices", show_prices,
     "Shows the prices, in USD per million tokens; the operator's come before the default ones"},
    {"PUT", "/admin/api/prices", replace_prices, "Replaces the operator's prices as a whole"},

    {"POST", "/admin/api/route/explain", explain_route,
     "Says where a request would go now, and why; changes nothing"},
    {"GET", "/admin/api/bindings", list_bindings, "Lists which session is at which channel", paged},
    {"DELETE", "/admin/api/traces/{id}/binding", drop_binding, "Forgets a session's channel",
     "project"},

    {"GET", "/admin/api/traces", list_traces, "Lists the traces, the newest first",
     "limit cursor project thread channel key model client status external_id from to"},
    {"GET", "/admin/api/traces/{id}", show_trace, "Shows a trace", "project"},
    {"GET", "/admin/api/traces/{id}/requests", list_trace_requests,
     "Lists a trace's requests in order", "limit cursor project"},
    {"GET", "/admin/api/traces/{id}/timeline", show_timeline,
     "Shows what happened in a trace, in order", "limit cursor project"},
    {"GET", "/admin/api/threads", list_threads, "Lists the threads, the newest first",
     "limit cursor project"},
    {"GET", "/admin/api/threads/{id}", show_thread, "Shows a thread with its traces"},
    {"GET", "/admin/api/requests", list_requests, "Lists the last requests, the newest first",
     "limit cursor project trace channel key model status reason source min_duration_ms from to"},
    {"GET", "/admin/api/requests/{id}", show_request, "Shows a request with its attempts"},

    {"GET", "/admin/api/events", nullptr, "Streams what happens as server-sent events"},
    {"GET", "/admin/api/audit", list_audit, "Lists who changed what, the newest first", paged},
    {"GET", "/admin/api/status", show_status, "Shows version, uptime, store and nodes"},
    {"GET", "/admin/api/openapi.json", show_openapi, "This document"},
});

const auto table = [] { // UBSan's null checks are no constant expressions
  auto all = std::array<route, rows.size()>{};
  for (auto i = std::size_t{0}; i < rows.size(); ++i)
    all[i] = {.method = rows[i].method,
              .pattern = rows[i].path,
              .who = access::admin_token,
              .name = "admin",
              .serve = rows[i].handler == nullptr ? serve_events : nullptr,
              .admin = rows[i].handler,
              .summary = rows[i].summary};
  return all;
}();

} // namespace

std::span<const route> admin_routes() { return table; }

std::string_view query_names(const route& at) {
  const auto row = std::ranges::find_if(
      rows, [&](const endpoint_row& r) { return r.method == at.method && r.path == at.pattern; });
  return row == rows.end() ? std::string_view{} : row->query;
}

} // namespace axonhub::net
