#include "net/client_request.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/ask.hpp"
#include "net/offload.hpp"
#include "net/record_json.hpp"
#include "policy/session.hpp"

namespace axonhub::net {
namespace {

using llm::client_error;

/// The product of a user agent: "claude-cli/2.1.330 (external, cli)" is claude-cli/2.1.330.
std::string client_name(std::string_view user_agent) {
  return std::string{user_agent.substr(0, std::min<std::size_t>(user_agent.find(' '), 64))};
}

policy::failure_kind kind_of(client_error e) {
  switch (e) {
    case client_error::model_not_found:
      return policy::failure_kind::model_not_found;
    case client_error::overloaded:
      return policy::failure_kind::overloaded;
    default:
      return policy::failure_kind::client_error;
  }
}

void describe(client_request& r) {
  const auto& head = r.from.head();
  auto& record = r.record;
  record.id = r.from.id();
  record.at = r.started.wall;
  record.project = r.key->project;
  record.key = r.key->id;
  if (const auto* worn = r.world->catalog->active_profile(*r.key))
    record.profile = worn->id;
  record.counts_tokens = r.counts_tokens();
  record.client = client_name(head.find("user-agent"));
  record.client_ip = r.from.client_address();
}

/// Why the body cannot be read; empty when it was.
std::string read_peek(client_request& r) {
  auto peek = llm::peek_request(r.body);
  if (!peek)
    return peek.error().message;
  r.peek = std::move(*peek);
  return {};
}

void find_session(client_request& r) {
  const auto& head = r.from.head();
  auto who = policy::identify_session(
      [&](std::string_view name) { return head.find(name); },
      {.user_id = r.peek.user_id, .prompt_cache_key = r.peek.prompt_cache_key},
      r.from.owner().shared.settings.server.trace);
  auto& record = r.record;
  if (!who.external_id.empty()) {
    r.trace = r.from.known_caller().trace_key_of(r.key->project, who.external_id);
    record.trace = r.trace.id;
  }
  record.external_trace = r.trace.external;
  record.thread = who.thread;
  record.agent_id = who.agent_id;
}

} // namespace

const policy::api_key* authenticate(session& from, const actors::world& w, wall_time now) {
  const auto bearer = from.head().find("authorization");
  auto& known = from.known_caller();
  if (starts_with_ignoring_case(bearer, "bearer "))
    if (const auto* key = known.authenticate(trimmed(bearer.substr(7)), w, now))
      return key;
  return known.authenticate(from.head().find("x-api-key"), w, now);
}

task<bool> refuse(client_request& r, client_error e, std::string_view message) {
  auto& record = r.record;
  record.status = policy::request_status::failed;
  record.http_status = static_cast<std::uint16_t>(llm::http_status(record.dialect, e));
  record.reason = policy::to_text(kind_of(e));
  record.error_message = message;
  co_await r.from.send(error_answer(record.dialect, e, message, r.from.id().text));
  if (r.key != nullptr)
    conclude(r);
  co_return false;
}

task<bool> receive(client_request& r) {
  auto& shared = r.from.owner().shared;
  r.key = authenticate(r.from, *r.world, r.started.wall);
  if (r.key == nullptr)
    co_return co_await refuse(r, client_error::authentication, bad_key_text);
  describe(r);
  if (!r.memory.take(shared.body_bytes, r.from.head().content_length,
                     shared.settings.server.limits.body_memory))
    co_return co_await refuse(r, client_error::overloaded, no_memory_text);
  const auto whole = co_await r.from.read_body(r.body, &r.memory);
  if (!whole)
    co_return false;
  r.record.request_bytes = r.body.size();
  auto complaint = std::string{};
  if (is_long(to_scan(r.body.size())))
    complaint = co_await offload(r.from.owner(), chore::request, [&r] { return read_peek(r); });
  else
    complaint = read_peek(r);
  if (!complaint.empty())
    co_return co_await refuse(r, client_error::invalid_request, complaint);
  if (r.peek.continues_response && r.call == policy::endpoint::responses)
    co_return co_await refuse(r, client_error::invalid_request,
                              "previous_response_id: this gateway keeps no responses; send the "
                              "whole conversation as input");
  r.record.stream = r.peek.stream && !r.counts_tokens();
  r.record.requested_model = r.record.mapped_model = r.peek.model;
  find_session(r);
  co_return true;
}

std::shared_ptr<const ready_plan> plan_of(const client_request& r, const actors::world& w) {
  const auto& keys = w.catalog->data().keys;
  const auto key = keys.find(r.key->id);
  const auto& known = key != keys.end() ? w : *r.world;
  const auto* worn = known.catalog->active_profile(key != keys.end() ? key->second : *r.key);
  return r.from.owner().plans.find(known, worn, r.peek.model);
}

void conclude(client_request& r) {
  auto& here = r.from.owner();
  auto& record = r.record;
  record.duration = to_ms(std::chrono::steady_clock::now() - r.started.steady);
  record.response_bytes = r.from.sent_bytes();
  record.cost = cost_of(record, r.world->catalog->prices());
  r.budget.settle(use_of(record));
  auto done = policy::request_record_ptr{r.kept};
  if (here.shared.events.is_watched())
    here.shared.events.publish("request.finished", to_json_text(*done));
  tell(r.world->journal[here.index % r.world->journal.size()], atom::record_v, std::move(done));
}

} // namespace axonhub::net
