#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "net/admin/change.hpp"
#include "net/admin/channels.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/live_verdict.hpp"
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

/// What the caller wants explained.
struct explain_request {
  key_id key;
  std::string model;
  llm::dialect dialect = llm::dialect::anthropic;
  std::string trace;
  std::optional<std::string> profile; ///< Instead of the key's active one; empty: none.
  std::vector<std::string> without;
};

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
  wanted.dialect = read_dialect(fields);
  fields.read("trace_id", wanted.trace);
  fields.read("without_channels", wanted.without);
  auto stream = false;
  fields.read("stream", stream);
  auto tokens = std::uint64_t{0};
  fields.read("estimated_tokens", tokens, 0, std::int64_t{1} << 40);
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

json to_json(const live_verdict& v) {
  auto out = json::object();
  out["channel"] = v.channel.text;
  out["upstream_model"] = text_or_null(v.upstream_model);
  out["verdict"] = v.is_eligible() ? "eligible" : "refused";
  out["reasons"] = json::array();
  for (const auto why : v.is_eligible() ? v.praise : v.objections)
    out["reasons"].push_back(policy::to_text(why));
  out["score"] = v.score;
  out["until"] = net::to_json(v.until);
  return out;
}

json order_of(const std::vector<live_verdict>& verdicts) {
  auto out = json::array();
  for (const auto& v : verdicts)
    if (v.is_eligible())
      out.push_back(v.channel.text);
  return out;
}

} // namespace

task<answer> explain_route(admin_call& call) {
  const auto wanted = read_explain(parse_object(call.body));
  const auto& data = call.world->catalog->data();
  const auto key = data.keys.find(wanted.key);
  if (key == data.keys.end())
    refuse_field("/key_id", "there is no such key");
  auto trace = json(nullptr);
  auto id = trace_id{};
  auto bound = std::optional<policy::binding>{};
  if (!wanted.trace.empty()) {
    auto project = key->second.project.text;
    auto found = co_await find_trace(call, wanted.trace, std::move(project));
    id = found ? found->key.id : policy::trace_id_of(key->second.project, wanted.trace);
    if (found)
      bound = found->bound;
    const auto rules = policy::affinity_rules{.ttl = call.here.shared.settings.affinity.ttl};
    if (bound && policy::has_expired(*bound, wall_now(), rules))
      bound.reset();
    trace = json::object();
    trace["id"] = id.text;
    trace["external_id"] = found ? found->key.external : wanted.trace;
    trace["binding"] = net::to_json(bound);
  }
  auto question = policy::route_question{.model = wanted.model, .dialect = wanted.dialect};
  question.trace = id.text;
  const auto& catalog = *call.world->catalog;
  question.worn = wanted.profile ? find_profile(data, key->second, *wanted.profile)
                                 : catalog.active_profile(key->second);
  auto health = std::map<channel_id, policy::health_view>{};
  for (const auto& [channel, ignored] : data.channels)
    health[channel] = co_await health_of(call, channel);
  const auto verdicts = judge_live(catalog, question, health, bound, wanted.without, wall_now());
  auto out = json::object();
  out["model"]["requested"] = wanted.model;
  out["model"]["mapped"] = policy::plan_route(catalog, question).models;
  out["model"]["profile"] = question.worn != nullptr ? json(question.worn->id.text) : json(nullptr);
  out["trace"] = std::move(trace);
  out["candidates"] = json::array();
  for (const auto& v : verdicts)
    out["candidates"].push_back(to_json(v));
  out["order"] = order_of(verdicts);
  co_return json_answer(200, out);
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
    if (t.bound)
      all[t.key.id] = {t.key.id, t.key.project, t.key.external, *t.bound};
    else
      all.erase(t.key.id);
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
