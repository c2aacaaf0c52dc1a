#include <algorithm>
#include <map>
#include <utility>

#include "actors/route_preview.hpp"
#include "actors/world.hpp"
#include "base/text.hpp"
#include "net/admin/change.hpp"
#include "net/admin/channels.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/traces.hpp"
#include "net/admin/views.hpp"
#include "net/ask.hpp"
#include "net/worker.hpp"
#include "policy/affinity.hpp"
#include "policy/session.hpp"

namespace axonhub::net::admin {
namespace {

constexpr auto unbind_deadline = std::chrono::seconds{5};
constexpr auto preview_deadline = std::chrono::seconds{5};

/// What the caller wants explained.
struct explain_request {
  key_id key;
  std::string model;
  std::string trace;
  std::optional<std::string> profile; ///< Instead of the key's active one; empty: none.
  std::vector<std::string> without;
  policy::request_needs needs;
};

/// Every channel takes every dialect; only server tools are of one.
llm::dialect read_dialect(field_reader& fields) {
  auto name = std::string{"anthropic"};
  fields.read("dialect", name);
  using enum llm::dialect;
  for (const auto d : {anthropic, openai_chat, openai_responses})
    if (llm::to_text(d) == name)
      return d;
  refuse_field("/dialect", "must be anthropic, openai_chat or openai_responses");
}

explain_request read_explain(const json& body) {
  auto wanted = explain_request{};
  auto fields = field_reader{body};
  wanted.key.text = fields.require("key_id");
  wanted.model = fields.require("model");
  wanted.needs.dialect = read_dialect(fields);
  fields.read("trace_id", wanted.trace);
  fields.read("without_channels", wanted.without);
  auto stream = false;
  fields.read("stream", stream);
  fields.read("estimated_tokens", wanted.needs.tokens, 0, std::int64_t{1} << 40);
  fields.read("images", wanted.needs.images);
  fields.read("server_tools", wanted.needs.server_tools);
  std::erase_if(wanted.needs.server_tools, policy::runs_at_the_client);
  if (auto profile = std::string{}; fields.read("profile", profile))
    wanted.profile = std::move(profile);
  fields.finish();
  return wanted;
}

/// By its id, or by its name in the key's project; nullptr for the empty text.
const policy::profile* find_profile(const policy::catalog_data& data, const policy::api_key& key,
                                    const std::string& text) {
  if (text.empty())
    return nullptr;
  for (const auto& [id, p] : data.profiles)
    if (p.project == key.project && (id.text == text || equals_ignoring_case(p.name, text)))
      return &p;
  refuse_field("/profile", "the key's project has no profile '" + text + "'");
}

/// What the session would bring along: nothing for a text that nobody has sent yet.
struct explained_trace {
  trace_id id;
  policy::session_book book;
  policy::affinity_rules rules;
  json shown = nullptr;
};

task<explained_trace> read_trace(admin_call& call, const policy::api_key& key,
                                 const std::string& text) {
  auto out = explained_trace{};
  if (text.empty())
    co_return out;
  auto name = text;
  auto project = key.project.text;
  auto found = co_await find_trace(call, std::move(name), std::move(project));
  out.id = found ? found->key.id : policy::trace_id_of(key.project, text);
  out.rules = policy::affinity_rules{.ttl = call.here.shared.settings.affinity.ttl};
  if (found)
    out.book = std::move(found->book);
  out.shown = json::object();
  out.shown["id"] = out.id.text;
  out.shown["external_id"] = found ? found->key.external : shared_text{text};
  co_return out;
}

json to_json(const actors::previewed_candidate& seen, std::uint64_t seed) {
  const auto& c = seen.which->what;
  auto out = json::object();
  out["channel"] = c.channel.text;
  out["upstream_model"] = c.upstream_model;
  out["verdict"] = seen.eligible ? "eligible" : "refused";
  out["reasons"] = json::array();
  for (const auto why : seen.reasons)
    out["reasons"].push_back(policy::to_text(why));
  out["score"] = policy::rendezvous_score(c, seed);
  out["wait_ms"] = seen.wait.count();
  return out;
}

json unfit_to_json(const policy::refusal& refused, const policy::route_plan& plan,
                   std::uint64_t seed) {
  const auto c = std::ranges::find(plan.candidates, refused.channel, &policy::candidate::channel);
  auto out = json::object();
  out["channel"] = refused.channel.text;
  out["verdict"] = "refused";
  out["upstream_model"] = c->upstream_model;
  out["reasons"] = json::array({policy::to_text(refused.why)});
  out["score"] = policy::rendezvous_score(*c, seed);
  out["wait_ms"] = 0;
  return out;
}

/// Asks each channel what it would answer, as the session's actor would ask for leases.
task<std::vector<actors::previewed_candidate>> preview_route(actors::route_preview& preview) {
  for (;;) {
    const auto asked = preview.next();
    if (!asked)
      break;
    auto said = co_await ask<policy::acquire_answer>(asked->to->actor, preview_deadline,
                                                     atom::preview_v, asked->question);
    auto gone = policy::acquire_answer{};
    gone.refused.channel = asked->to->what.channel;
    preview.answer(said ? *said : gone);
  }
  co_return preview.result();
}

} // namespace

task<answer> explain_route(admin_call& call) {
  const auto wanted = read_explain(co_await object_of(call));
  const auto& catalog = *call.world->catalog;
  const auto key = catalog.data().keys.find(wanted.key);
  if (key == catalog.data().keys.end())
    refuse_field("/key_id", "there is no such key");
  auto trace = co_await read_trace(call, key->second, wanted.trace);
  auto question = policy::route_question{.model = wanted.model};
  question.trace = trace.id.text;
  question.worn = wanted.profile ? find_profile(catalog.data(), key->second, *wanted.profile)
                                 : catalog.active_profile(key->second);
  const auto said = policy::explain_plan(catalog, question);
  const auto all = actors::with_actors(said.plan.candidates, *call.world);
  auto suited = actors::fitting_candidates(all, wanted.needs);
  auto asked = actors::route_request{};
  asked.candidates = suited.candidates;
  asked.tokens = wanted.needs.tokens;
  asked.key = wanted.key;
  asked.model = policy::model_key(said.plan);
  const auto now = wall_now();
  if (!trace.shown.is_null()) {
    const auto* bound = trace.book.find(asked.model, now, trace.rules);
    trace.shown["binding"] = net::to_json(bound == nullptr ? std::nullopt : std::optional{*bound});
  }
  auto home = trace.book.home(asked.model, now, trace.rules);
  for (const auto& channel : wanted.without)
    asked.failed.push_back({.channel = {channel}, .credential = {}});
  auto preview = actors::route_preview{std::move(asked), trace.id, std::move(home)};
  const auto seen = co_await preview_route(preview);
  auto out = json::object();
  out["model"]["requested"] = wanted.model;
  out["model"]["mapped"] = said.plan.models;
  out["model"]["profile"] = question.worn != nullptr ? json(question.worn->id.text) : json(nullptr);
  out["trace"] = trace.shown;
  out["candidates"] = json::array();
  out["order"] = json::array();
  for (const auto& c : seen) {
    out["candidates"].push_back(to_json(c, policy::seed_of(question)));
    if (c.eligible)
      out["order"].push_back(c.which->what.channel.text);
  }
  for (const auto& refused : suited.refused)
    out["candidates"].push_back(unfit_to_json(refused, said.plan, policy::seed_of(question)));
  for (const auto& o : said.outsiders)
    out["candidates"].push_back(net::to_json(o));
  co_return json_answer(200, out);
}

/// As the store would have them.
store::stored_binding bindings_of(const actors::trace_key& of,
                                  std::vector<policy::model_binding> bound) {
  auto out = store::stored_binding{
      .trace = of.id, .project = of.project, .external_trace = of.external, .bound = {}};
  out.set(std::move(bound));
  return out;
}

task<answer> list_bindings(admin_call& call) {
  const auto wanted = read_page(call);
  const auto after = trace_id{wanted.after};
  auto kept = call.here.shared.kept.list_bindings(after, wanted.limit + 1);
  if (!kept)
    refuse(503, "The store cannot be read: " + kept.error().message());
  const auto complete = kept->size() <= wanted.limit;
  auto all = std::map<trace_id, store::stored_binding>{};
  for (auto& b : *kept)
    all[b.trace] = std::move(b);
  // What lives knows better; what lies beyond the stored ones that were read comes later.
  const auto last = complete || all.empty() ? trace_id{} : all.rbegin()->first;
  const auto live = co_await live_traces(call);
  for (const auto& t : live) {
    if (t.key.id <= after || (!last.empty() && t.key.id > last))
      continue;
    all.erase(t.key.id);
    auto book = t.book;
    book.drop_if([&](const auto& b) { return !policy::exists(b, call.world->catalog->data()); });
    if (auto bound = book.bindings(); !bound.empty())
      all[t.key.id] = bindings_of(t.key, std::move(bound));
  }
  auto page = json::object();
  page["items"] = json::array();
  page["next_cursor"] = nullptr;
  auto shown = trace_id{};
  for (const auto& [id, b] : all) {
    if (page["items"].size() == wanted.limit) {
      page["next_cursor"] = to_cursor(shown.text);
      break;
    }
    auto one = json::object();
    one["trace"] = id.text;
    one["external_id"] = b.external_trace;
    one["project"] = b.project.text;
    one["binding"] = net::to_json(std::optional{b.bound});
    one["bindings"] = net::to_json(b.all());
    page["items"].push_back(std::move(one));
    shown = id;
  }
  co_return json_answer(200, page);
}

task<answer> drop_binding(admin_call& call) {
  auto project = std::string{call.query_value("project")};
  auto text = call.params.at(0);
  const auto found = co_await find_trace(call, std::move(text), std::move(project));
  if (!found)
    refuse(404, "There is no trace '" + call.params.at(0) + "'");
  const auto id = found->key.id;
  const auto shard = call.world->directory_of(id);
  const auto done = co_await ask<bool>(shard, unbind_deadline, atom::unbind_v, id);
  if (!done)
    refuse(503, "The binding could not be dropped: " + done.error().message());
  auto detail = json::object();
  detail["was_bound"] = *done;
  auto edits = std::vector<policy::catalog_edit>{};
  co_await make_change(call, std::move(edits), "binding.delete", id.text, std::move(detail));
  co_return no_content();
}

} // namespace axonhub::net::admin
