#include "net/upstream_request.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"
#include "net/answer.hpp"
#include "net/http_write.hpp"
#include "policy/channel_traits.hpp"
#include "policy/channel_types.hpp"

namespace axonhub::net {
namespace {

constexpr std::string_view default_version = "2023-06-01";
constexpr std::string_view oauth_beta = "oauth-2025-04-20";
constexpr std::size_t usual_head = 1000; // allocators are quicker up to 1 KiB

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](auto n) { return equals_ignoring_case(name, n); });
}

/// What a provider may need of the client's fields. All others stay here: credentials, addresses
/// of the client, and whatever else was meant for the gateway.
bool reaches_upstream(std::string_view name, llm::dialect d) {
  static constexpr auto whole =
      std::to_array<std::string_view>({"accept", "user-agent", "x-app", "openai-beta"});
  constexpr auto families =
      std::to_array<std::string_view>({"anthropic-", "x-stainless-", "x-claude-code-"});
  if (is_one_of(name, whole))
    return d != llm::dialect::anthropic || !equals_ignoring_case(name, "openai-beta");
  const auto last = d == llm::dialect::anthropic ? families.end() : families.begin();
  return std::any_of(families.begin(), last,
                     [&](auto f) { return starts_with_ignoring_case(name, f); });
}

/// A subscription's token works only with this beta; the client's own come first.
void append_betas(std::string& out, const request_head& client, bool needs_oauth) {
  auto has_oauth = !needs_oauth;
  auto all = std::string{};
  for (const auto& f : client.fields)
    if (equals_ignoring_case(f.name, "anthropic-beta")) {
      has_oauth = has_oauth || f.value.find(oauth_beta) != std::string_view::npos;
      all += (all.empty() ? "" : ",") + std::string{f.value};
    }
  if (!has_oauth)
    all += (all.empty() ? "" : ",") + std::string{oauth_beta};
  if (!all.empty())
    append_field(out, "anthropic-beta", all);
}

void append_credential(std::string& out, const policy::channel& c, const policy::credential& key) {
  if (policy::effective_auth(key, c.type) == policy::auth_scheme::x_api_key)
    append_field(out, "x-api-key", key.value.reveal());
  else
    append_field(out, "authorization", "Bearer " + key.value.reveal());
}

bool reaches_client(std::string_view name) {
  constexpr auto ours = std::to_array<std::string_view>(
      {"content-length", "content-type", "content-encoding", "set-cookie", "alt-svc",
       "strict-transport-security", "server", "date"});
  constexpr auto families = std::to_array<std::string_view>({"access-control-", "x-axonhub-"});
  return !is_one_of(name, ours) &&
         std::ranges::none_of(families, [&](auto f) { return starts_with_ignoring_case(name, f); });
}

void append_client_fields(std::string& out, const request_head& client, llm::dialect d) {
  for (const auto& f : client.fields)
    if (reaches_upstream(f.name, d) && !client.is_dropped(f.name) &&
        !equals_ignoring_case(f.name, "anthropic-beta"))
      append_field(out, f.name, f.value);
}

/// What every call of Anthropic's must have.
void append_anthropic_fields(std::string& out, const request_head& client, bool same_dialect,
                             bool needs_oauth) {
  static const auto nobody = request_head{};
  append_betas(out, same_dialect ? client : nobody, needs_oauth);
  if (!same_dialect || client.find("anthropic-version").empty())
    append_field(out, "anthropic-version", default_version);
}

} // namespace

std::string upstream_request_head(const request_head& client, llm::dialect from, bool stream,
                                  const upstream_target& target, const policy::channel& c,
                                  const policy::credential& key, std::uint64_t body_size) {
  const auto spoken = policy::dialect_of(c);
  const auto same = spoken == from;
  auto out = std::string{};
  out.reserve(usual_head);
  auto path = target.path;
  auto separator = '?';
  for (const auto query :
       {std::string_view{target.query}, same ? client.query : std::string_view{}})
    if (!query.empty()) {
      path += separator;
      path += query;
      separator = '&';
    }
  if (!append_request_line(out, "POST", path))
    return {};
  append_field(out, "host", target.authority);
  append_credential(out, c, key);
  if (same)
    append_client_fields(out, client, spoken);
  else
    append_field(out, "accept", stream ? "text/event-stream" : "application/json");
  if (spoken == llm::dialect::anthropic)
    append_anthropic_fields(out, client, same, c.type == "claude-code");
  append_field(out, "content-type", "application/json");
  append_field(out, "accept-encoding", "identity");
  append_field(out, "content-length", body_size);
  append_head_end(out);
  return out;
}

std::string_view upstream_request_id(const response_head& upstream, llm::dialect d) {
  const auto other =
      d == llm::dialect::anthropic ? llm::dialect::openai_chat : llm::dialect::anthropic;
  const auto own = upstream.find(request_id_field(d));
  return own.empty() ? upstream.find(request_id_field(other)) : own;
}

std::string forwarded_fields(const response_head& upstream, bool same_dialect) {
  static constexpr auto waits = std::to_array<std::string_view>({"retry-after", "retry-after-ms"});
  auto out = std::string{};
  for (const auto& f : upstream.fields)
    if ((same_dialect ? reaches_client(f.name) : is_one_of(f.name, waits)) &&
        !upstream.is_dropped(f.name))
      append_field(out, f.name, f.value);
  return out;
}

} // namespace axonhub::net
