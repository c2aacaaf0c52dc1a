#include "net/client_api.hpp"

#include <boost/url/pct_string_view.hpp>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "llm/models_page.hpp"
#include "net/client_request.hpp"
#include "net/forward.hpp"
#include "net/key_page.hpp"
#include "net/offload.hpp"
#include "net/routes.hpp"
#include "policy/plan.hpp"

namespace axonhub::net {
namespace {

using llm::client_error;

task<void> serve_call(session& s, policy::endpoint call) {
  auto request = client_request{s, call};
  if (!co_await receive(request))
    co_return;
  // Known to no channel: the client's mistake. Known, but switched off or not allowed: ours.
  if (!plan_of(request, *request.world)->what->plan.known) {
    const auto message = "No channel knows the model '" + request.peek.model +
                         "'. GET /v1/models lists what this key can ask for";
    co_await refuse(request, client_error::model_not_found, message);
    co_return;
  }
  if (has_limits(request)) {
    const auto admitted = co_await reserve(request);
    if (!admitted)
      co_return;
  }
  co_await forward(request);
}

/// One model as a client sees it, with the time when the first channel with it was made.
std::vector<llm::model_entry> visible_models(const policy::catalog& c, const policy::api_key& key) {
  auto asked = policy::route_question{.model = {}, .worn = c.active_profile(key)};
  auto entries = std::vector<llm::model_entry>{};
  for (const auto& name : policy::models_for(c, asked.worn)) {
    auto since = wall_now();
    asked.model = name;
    for (const auto& serving : policy::plan_route(c, asked).candidates)
      if (const auto* channel = c.find_channel(serving.channel))
        since = std::min(since, channel->created_at);
    entries.push_back({.id = name, .created_at = since, .display_name = {}});
  }
  return entries;
}

/// The bytes of work that it is to go through all models.
std::size_t to_list(const policy::catalog& c) {
  return 64 * c.models().size() * c.data().channels.size();
}

/// Boost.URL 1.81's parse_query reads past the end of the last value: taken apart here.
llm::models_query read_models_query(std::string_view query) {
  auto wanted = llm::models_query{};
  for (const auto param : split(query, '&')) {
    const auto equals = std::min(param.find('='), param.size());
    const auto name = param.substr(0, equals);
    const auto encoded =
        boost::urls::make_pct_string_view(param.substr(std::min(equals + 1, param.size())));
    if (encoded.has_error())
      continue;
    const auto value = encoded->decode();
    if (name == "limit")
      wanted.limit = parse_decimal<std::uint32_t>(value).value_or(20);
    else if (name == "after_id")
      wanted.after_id = value;
    else if (name == "before_id")
      wanted.before_id = value;
  }
  return wanted;
}

/// The name that the path of one model ends with. Clients escape what stands in names: "/", ":".
std::string model_in_path(std::string_view path) {
  constexpr auto before = std::string_view{"/models/"};
  const auto encoded =
      boost::urls::make_pct_string_view(path.substr(path.find(before) + before.size()));
  return encoded.has_error() ? std::string{} : encoded->decode();
}

llm::dialect models_dialect(const request_head& head) {
  const auto anthropic =
      head.path.starts_with("/anthropic/") || !head.find("anthropic-version").empty();
  return anthropic ? llm::dialect::anthropic : llm::dialect::openai_chat;
}

/// The caller's key in this world; nullptr when it has its error already.
task<const policy::api_key*> admit(session& s, const actors::world& w) {
  const auto* key = authenticate(s, w, wall_now());
  if (key == nullptr)
    co_await s.send(error_answer(models_dialect(s.head()), client_error::authentication,
                                 bad_key_text, s.id().text));
  co_return key;
}

} // namespace

task<void> serve_messages(session& s) { return serve_call(s, policy::endpoint::messages); }

task<void> serve_count_tokens(session& s) { return serve_call(s, policy::endpoint::count_tokens); }

task<void> serve_chat(session& s) { return serve_call(s, policy::endpoint::chat_completions); }

task<void> serve_responses(session& s) { return serve_call(s, policy::endpoint::responses); }

task<void> serve_models(session& s) {
  const auto world = s.owner().world();
  const auto* key = co_await admit(s, *world);
  if (key == nullptr)
    co_return;
  auto a = answer{};
  a.body = co_await in_time(s.owner(), chore::page, to_list(*world->catalog), [&] {
    return llm::models_page(models_dialect(s.head()), visible_models(*world->catalog, *key),
                            read_models_query(s.head().query));
  });
  co_await s.send(a);
}

task<void> serve_model(session& s) {
  const auto world = s.owner().world();
  const auto* key = co_await admit(s, *world);
  if (key == nullptr)
    co_return;
  const auto dialect = models_dialect(s.head());
  const auto wanted = model_in_path(s.head().path);
  const auto models = co_await in_time(s.owner(), chore::page, to_list(*world->catalog),
                                       [&] { return visible_models(*world->catalog, *key); });
  for (const auto& entry : models)
    if (entry.id == wanted) {
      auto a = answer{};
      a.body = llm::model_page(dialect, entry);
      co_await s.send(a);
      co_return;
    }
  co_await s.send(error_answer(dialect, client_error::model_not_found,
                               "No channel offers this model to this key", s.id().text));
}

task<void> serve_key(session& s) {
  const auto world = s.owner().world();
  const auto* key = co_await admit(s, *world);
  if (key == nullptr)
    co_return;
  const auto& catalog = *world->catalog;
  const auto left = co_await view_of(*world, key->id);
  if (!left) {
    co_await s.send(error_answer(models_dialect(s.head()), client_error::overloaded,
                                 "What is left could not be read: try again in a second",
                                 s.id().text));
    co_return;
  }
  auto a = answer{};
  a.body = co_await in_time(s.owner(), chore::page, to_list(catalog), [&] {
    return key_page(catalog, *key, policy::models_for(catalog, catalog.active_profile(*key)),
                    *left);
  });
  append_field(a.fields, "cache-control", "no-store");
  co_await s.send(a);
}

task<void> serve_probe(session& s) {
  auto a = answer{.content_type = "text/plain; charset=utf-8"};
  a.body = "AxonHub\n";
  co_await s.send(a);
}

task<void> serve_livez(session& s) {
  auto a = answer{.content_type = "text/plain; charset=utf-8"};
  a.body = "ok\n";
  co_await s.send(a);
}

task<void> serve_readyz(session& s) {
  const auto ready = s.owner().world() != nullptr && !s.owner().shared.draining;
  auto a = answer{.status = ready ? 200 : 503, .content_type = "text/plain; charset=utf-8"};
  a.body = ready ? "ready\n" : "draining\n";
  co_await s.send(a);
}

task<void> serve_metrics(session& s) {
  auto a = answer{.content_type = "text/plain; version=0.0.4; charset=utf-8"};
  auto& measures = s.owner().shared.measures;
  const auto world = s.owner().world();
  a.body = co_await offload(s.owner(), chore::page, [&] {
    if (world)
      measures.credentials_benched(policy::benched_credentials(world->catalog->data()));
    return measures.render();
  });
  co_await s.send(a);
}

} // namespace axonhub::net
