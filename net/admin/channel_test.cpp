#include <algorithm>

#include "base/log.hpp"
#include "base/mask.hpp"
#include "net/admin/change.hpp"
#include "net/admin/channels.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/page.hpp"
#include "net/admin/patch.hpp"
#include "net/admin/probe.hpp"
#include "net/ask.hpp"
#include "net/session.hpp"
#include "policy/channel_traits.hpp"
#include "policy/channel_types.hpp"

namespace axonhub::net::admin {
namespace {

constexpr std::size_t longest_excerpt = 1024;

/// What a test asks for.
struct test_options {
  std::string model;
  std::string credential;
  bool stream = false;
};

struct test_outcome {
  probe_answer answer;
  std::string model;                               ///< As the upstream was asked for.
  std::optional<policy::auth_scheme> other_auth{}; ///< What worked after a 401.
};

test_options read_options(json& body) {
  auto options = test_options{};
  auto own = json::object();
  for (const auto* name : {"model", "credential_id", "stream"})
    if (auto value = take_field(body, name); !value.is_null())
      own[name] = std::move(value);
  auto fields = field_reader{own};
  fields.read("model", options.model);
  fields.read("credential_id", options.credential);
  fields.read("stream", options.stream);
  return options;
}

/// The model to ask for, as the upstream knows it.
std::string upstream_model(const policy::channel& c, const test_options& options) {
  auto model = options.model;
  if (model.empty())
    model = c.default_test_model;
  if (model.empty() && !c.supported_models.empty())
    model = c.supported_models.front();
  if (model.empty())
    refuse_field("/model", "the channel lists no model: name one");
  return policy::upstream_model_name(c, model).value_or(model);
}

std::string tiny_request(const llm::upstream_traits& to, const std::string& model, bool stream) {
  auto out = json::object();
  out["model"] = model;
  if (to.speaks == llm::dialect::openai_responses) {
    out["input"] = "Hi";
    out["max_output_tokens"] = 16;
    out["store"] = false;
  } else {
    auto message = json::object();
    message["role"] = "user";
    message["content"] = "Hi";
    out["messages"] = json::array({std::move(message)});
    const auto is_new = to.speaks == llm::dialect::openai_chat &&
                        to.output_limit == llm::output_limit_field::max_completion_tokens;
    out[is_new ? "max_completion_tokens" : "max_tokens"] = 16;
  }
  if (stream)
    out["stream"] = true;
  return to_text(out);
}

/// The test itself. Where the credential leaves its scheme open, a 401 tries the other one once.
task<test_outcome> run_test(worker& here, policy::channel c, policy::credential key,
                            test_options options) {
  auto outcome = test_outcome{};
  outcome.model = upstream_model(c, options);
  auto request = probe_request{.channel = c, .key = key};
  request.body = tiny_request(policy::traits_of(c, outcome.model), outcome.model, options.stream);
  request.stream = options.stream;
  outcome.answer = co_await probe(here, request);
  if (outcome.answer.http_status != 401 || key.auth != policy::auth_scheme::automatic)
    co_return outcome;
  const auto used = policy::effective_auth(key, c.type);
  const auto other = used == policy::auth_scheme::bearer ? policy::auth_scheme::x_api_key
                                                         : policy::auth_scheme::bearer;
  request.key.auth = other;
  auto second = co_await probe(here, request);
  if (second.failed)
    co_return outcome;
  outcome.answer = std::move(second);
  outcome.other_auth = other;
  co_return outcome;
}

std::string message_of(const test_outcome& outcome, const secret& hidden) {
  const auto& failed = outcome.answer.failed;
  if (failed)
    return masked(failed->message, hidden);
  if (outcome.other_auth)
    return "The upstream takes this credential as " +
           std::string{policy::to_text(*outcome.other_auth)} + " only: the channel uses that now";
  return "The upstream answered";
}

json to_json(const test_outcome& outcome, const secret& hidden, json request) {
  const auto& a = outcome.answer;
  auto out = json::object();
  out["ok"] = !a.failed;
  out["reason"] = a.failed ? policy::to_text(a.failed->kind) : std::string_view{"ok"};
  out["stage"] = a.failed ? json(stage_of(a.failed->kind)) : json(nullptr);
  out["http_status"] = a.http_status == 0 ? json(nullptr) : json(a.http_status);
  out["url"] = a.url;
  out["latency_ms"] = a.latency.count();
  out["first_event_ms"] = net::to_json(a.first_event ? a.first_event : a.first_byte);
  out["model"] = outcome.model;
  out["message"] = message_of(outcome, hidden);
  out["hint"] = a.failed ? text_or_null(hint_for(a.failed->kind)) : json(nullptr);
  out["upstream_excerpt"] = text_or_null(masked(a.body, hidden).substr(0, longest_excerpt));
  out["request_id"] = std::move(request);
  return out;
}

/// Keeps the test in the journal, beside the clients' requests.
void record_test(admin_call& call, const policy::channel& c, const policy::credential& key,
                 const test_outcome& outcome, bool stream) {
  const auto& a = outcome.answer;
  auto record = policy::request_record{};
  record.id = call.from.id();
  record.duration = a.latency;
  record.at = wall_now() - a.latency;
  record.is_test = true;
  record.stream = stream;
  record.client = "test";
  record.dialect = policy::dialect_of(c);
  record.client_ip = call.from.client_address();
  record.requested_model = record.mapped_model = outcome.model;
  record.status = a.failed ? policy::request_status::failed : policy::request_status::completed;
  record.reason = a.failed ? policy::to_text(a.failed->kind) : std::string_view{"ok"};
  record.http_status = a.http_status;
  record.first_event = a.first_event;
  record.response_bytes = a.body.size();
  auto& attempt = record.attempts.emplace_back();
  attempt.channel = c.id;
  attempt.credential = key.id;
  attempt.upstream_model = outcome.model;
  attempt.started_at = record.at;
  attempt.connect = a.connect;
  attempt.first_byte = a.first_byte;
  attempt.duration = a.latency;
  attempt.http_status = a.http_status;
  attempt.failed = a.failed;
  if (attempt.failed) {
    attempt.failed->type = masked(attempt.failed->type, key.value);
    attempt.failed->message = masked(attempt.failed->message, key.value);
  }
  attempt.upstream_request_id = masked(a.upstream_request_id, key.value);
  if (attempt.failed) {
    record.error_type = attempt.failed->type;
    record.error_message = attempt.failed->message;
  }
  const auto& journal = call.world->journal;
  if (journal.empty())
    return;
  auto done = std::make_shared<const policy::request_record>(std::move(record));
  tell(journal[call.here.index % journal.size()], atom::record_v, std::move(done));
}

/// Stores how the test went, and the scheme that worked. Somebody else may have changed the channel
/// meanwhile: then their change stands and the test's outcome is not kept.
task<void> keep_outcome(admin_call& call, channel_id id, credential_id key, test_outcome outcome) {
  call.world = call.here.world();
  const auto* c = call.world->catalog->find_channel(id);
  const auto* used = call.world->catalog->find_credential(key);
  if (c == nullptr)
    co_return;
  auto edits = std::vector<policy::catalog_edit>{};
  auto tested = *c;
  const auto& failed = outcome.answer.failed;
  tested.last_test = policy::channel_test{
      wall_now(), !failed,
      std::string{failed ? policy::to_text(failed->kind) : std::string_view{"ok"}}};
  auto detail = json::object();
  detail["ok"] = tested.last_test->ok;
  detail["reason"] = tested.last_test->reason;
  edits.push_back(policy::put<policy::channel>{std::move(tested)});
  if (outcome.other_auth && used != nullptr) {
    auto changed = *used;
    changed.auth = *outcome.other_auth;
    detail["auth"] = policy::to_text(changed.auth);
    edits.push_back(policy::put<policy::credential>{std::move(changed)});
  }
  auto refused = std::string{};
  try {
    co_await make_change(call, std::move(edits), "channel.test", id.text, std::move(detail));
  } catch (const problem& p) {
    refused = p.detail;
  }
  if (!refused.empty())
    log::warn("admin.test_not_kept", {{"channel", id.text}, {"reason", refused}});
}

/// The credential that a call names, or the channel's first enabled one.
policy::credential pick_credential(const admin_call& call, const policy::channel& c,
                                   const std::string& wanted) {
  const auto& all = call.world->catalog->credentials_of(c.id);
  const auto found = std::ranges::find_if(all, [&](const policy::credential* one) {
    return wanted.empty() ? one->enabled : one->id.text == wanted;
  });
  if (found == all.end() && !wanted.empty())
    refuse_field("/credential_id", "the channel has no such credential");
  if (found == all.end())
    refuse(409, "The channel has no enabled credential: add one first");
  return **found;
}

} // namespace

task<answer> test_channel(admin_call& call) {
  const auto c = find_channel(call);
  auto body = co_await object_of(call);
  const auto options = read_options(body);
  field_reader{body}.finish();
  const auto key = pick_credential(call, c, options.credential);
  const auto outcome = co_await run_test(call.here, c, key, options);
  record_test(call, c, key, outcome, options.stream);
  co_await keep_outcome(call, c.id, key.id, outcome);
  co_return json_answer(200, to_json(outcome, key.value, call.from.id().text));
}

task<answer> test_draft(admin_call& call) {
  auto body = co_await object_of(call);
  const auto options = read_options(body);
  const auto draft = read_new_channel(std::move(body));
  if (draft.credentials.empty())
    refuse_field("/api_key", "a test needs a credential");
  const auto& key = draft.credentials.front();
  const auto outcome = co_await run_test(call.here, draft.channel, key, options);
  co_return json_answer(200, to_json(outcome, key.value, nullptr));
}

task<answer> fetch_models(admin_call& call) {
  const auto c = find_channel(call);
  auto body = co_await object_of(call);
  const auto options = read_options(body);
  field_reader{body}.finish();
  auto request = probe_request{.channel = c, .key = pick_credential(call, c, options.credential)};
  request.call = policy::endpoint::models;
  const auto got = co_await probe(call.here, request);
  if (got.failed)
    refuse(502, "The upstream did not list its models: " +
                    masked(got.failed->message, request.key.value));
  const auto listed = json::parse(got.body, nullptr, false);
  auto out = json::object();
  out["items"] = json::array();
  const auto* data = listed.is_object() && listed.contains("data") ? &listed["data"] : nullptr;
  if (data == nullptr || !data->is_array())
    refuse(502, "The upstream's list of models is not readable");
  for (const auto& model : *data)
    if (model.is_object() && model.contains("id") && model["id"].is_string())
      out["items"].push_back({{"id", model["id"]}});
  out["next_cursor"] = nullptr;
  co_return json_answer(200, out);
}

} // namespace axonhub::net::admin
