#include "net/routes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "net/admin/call.hpp"
#include "net/admin/routes.hpp"
#include "net/client_api.hpp"
#include "net/session.hpp"

namespace axonhub::net {
namespace {

constexpr auto client_routes = std::to_array<route>({
    {"POST", "/v1/messages", access::client_key, "messages", serve_messages},
    {"POST", "/anthropic/v1/messages", access::client_key, "messages", serve_messages},
    {"POST", "/v1/messages/count_tokens", access::client_key, "count_tokens", serve_count_tokens},
    {"POST", "/anthropic/v1/messages/count_tokens", access::client_key, "count_tokens",
     serve_count_tokens},
    {"POST", "/v1/chat/completions", access::client_key, "chat_completions", serve_chat},
    {"POST", "/v1/responses", access::client_key, "responses", serve_responses},
    {"GET", "/v1/models", access::client_key, "models", serve_models},
    {"GET", "/anthropic/v1/models", access::client_key, "models", serve_models},
    {"GET", "/v1/models/{id}", access::client_key, "model", serve_model},
    {"GET", "/anthropic/v1/models/{id}", access::client_key, "model", serve_model},
    {"GET", "/v1/key", access::client_key, "key", serve_key},
    {"GET", "/livez", access::open, "livez", serve_livez},
    {"GET", "/readyz", access::open, "readyz", serve_readyz},
    {"GET", "/health", access::open, "readyz", serve_readyz},
    {"GET", "/metrics", access::open, "metrics", serve_metrics},
    {"GET", "/", access::open, "probe", serve_probe},
    {"GET", "/anthropic", access::open, "probe", serve_probe},
    {"GET", "/api/hello", access::open, "probe", serve_probe},
    {"GET", "/anthropic/api/hello", access::open, "probe", serve_probe},
});

/// Whether `path` fits `pattern`; the parts that stand for "{...}" go to `params`.
bool matches(std::string_view pattern, std::string_view path,
             std::vector<std::string_view>& params) {
  params.clear();
  if (pattern.find('{') == std::string_view::npos)
    return pattern == path;
  const auto is_client_route = !path.starts_with("/admin/");
  while (!pattern.empty() && !path.empty()) {
    const auto segment = pattern.substr(0, pattern.find('/', 1));
    const auto is_param = segment.starts_with("/{");
    // The last parameter of a client's route takes slashes too: model names have them.
    const auto greedy = is_client_route && pattern == "/{id}";
    const auto given = greedy ? path : path.substr(0, path.find('/', 1));
    if (is_param ? given.size() < 2 : segment != given)
      return false;
    if (is_param)
      params.push_back(given.substr(1));
    pattern.remove_prefix(segment.size());
    path.remove_prefix(given.size());
  }
  return pattern.empty() && path.empty();
}

struct found_route {
  const route* match = nullptr;
  std::string allowed; ///< Methods of the path, when none of them is the request's.
};

/// Where metrics have a listener of their own, each listener serves its part.
bool is_served(const route& r, const session& s) {
  const auto& settings = s.owner().shared.settings.metrics;
  if (r.name == "metrics")
    return settings.enabled && (settings.port == 0 || s.is_for_metrics());
  return !s.is_for_metrics() || r.name == "livez" || r.name == "readyz";
}

found_route find_route(const session& s, std::vector<std::string_view>& params) {
  auto found = found_route{};
  const auto& head = s.head();
  const auto method = head.method == "HEAD" ? std::string_view{"GET"} : head.method;
  for (const auto& r : routes()) {
    if (!matches(r.pattern, head.path, params) || !is_served(r, s))
      continue;
    if (r.method == method) {
      found.match = &r;
      return found;
    }
    found.allowed += (found.allowed.empty() ? "" : ", ") + std::string{r.method};
  }
  return found;
}

answer no_such_route(const session& s, const found_route& found) {
  using llm::client_error;
  const auto& head = s.head();
  const auto wrong_method = !found.allowed.empty();
  const auto text = wrong_method ? "This endpoint takes " + found.allowed
                                 : "There is nothing at " + std::string{head.path};
  auto a = head.path.starts_with("/admin/")
               ? problem_answer(wrong_method ? 405 : 404, text)
               : error_answer(
                     dialect_of_path(head),
                     wrong_method ? client_error::method_not_allowed : client_error::path_not_found,
                     text, s.id().text);
  if (wrong_method)
    append_field(a.fields, "allow", found.allowed);
  return a;
}

policy::request_status outcome_of(session& s) {
  using policy::request_status;
  const auto& ended = s.ended();
  if (ended.outcome)
    return *ended.outcome;
  if (ended.http_status == 0 && !s.client().is_open()) // it left amid its request
    return request_status::cancelled;
  return ended.http_status == 0 || ended.http_status >= 400 ? request_status::failed
                                                            : request_status::completed;
}

} // namespace

std::span<const route> routes() {
  static const auto all = [] {
    auto rows = std::vector<route>(client_routes.begin(), client_routes.end());
    rows.insert(rows.end(), admin_routes().begin(), admin_routes().end());
    return rows;
  }();
  return all;
}

llm::dialect dialect_of_path(const request_head& head) {
  if (head.path.starts_with("/v1/chat/"))
    return llm::dialect::openai_chat;
  if (head.path.starts_with("/v1/responses"))
    return llm::dialect::openai_responses;
  const auto anthropic = head.path.starts_with("/anthropic") ||
                         head.path.starts_with("/v1/messages") ||
                         !head.find("anthropic-version").empty() ||
                         !head.find("x-api-key").empty() || !head.path.starts_with("/v1/");
  return anthropic ? llm::dialect::anthropic : llm::dialect::openai_chat;
}

task<void> serve(session& s) {
  auto params = std::vector<std::string_view>{};
  auto& counts = s.owner().counts;
  const auto began = std::chrono::steady_clock::now();
  counts.request_began();
  const auto found = find_route(s, params);
  if (found.match == nullptr)
    co_await s.send(no_such_route(s, found));
  else if (found.match->who == access::admin_token)
    co_await serve_admin(s, *found.match, std::move(params));
  else
    co_await found.match->serve(s);
  const auto& ended = s.ended();
  counts.request_ended({.route = found.match != nullptr ? found.match->name : "unknown",
                        .channel = ended.channel,
                        .http_status = ended.http_status,
                        .outcome = outcome_of(s),
                        .took = std::chrono::steady_clock::now() - began,
                        .added = ended.added,
                        .first_byte = ended.first_byte,
                        .tokens = ended.tokens});
}

} // namespace axonhub::net
