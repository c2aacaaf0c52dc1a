#include "net/admin/views.hpp"

#include <algorithm>

#include "policy/health_view.hpp"
#include "policy/standing.hpp"

namespace axonhub::net {
namespace {

std::string attempt_id(const policy::request_record& r, std::size_t number) {
  return r.id.text + "-" + std::to_string(number + 1);
}

json attempt_to_json(const policy::request_record& r, std::size_t number) {
  const auto& a = r.attempts[number];
  auto out = json::object();
  out["id"] = attempt_id(r, number);
  out["channel"] = text_or_null(a.channel.text);
  out["credential"] = text_or_null(a.credential.text);
  out["upstream_model"] = text_or_null(a.upstream_model);
  out["started_at"] = to_rfc3339(a.started_at);
  out["connect_ms"] = to_json(a.connect);
  out["first_byte_ms"] = to_json(a.first_byte);
  out["duration_ms"] = a.duration.count();
  out["http_status"] = a.http_status == 0 ? json(nullptr) : json(a.http_status);
  out["outcome"] = a.failed ? "failed" : "ok";
  out["reason"] = a.failed ? policy::to_text(a.failed->kind) : std::string_view{"ok"};
  out["chosen_because"] = policy::to_text(a.why);
  out["error_type"] = a.failed ? text_or_null(a.failed->type) : json(nullptr);
  out["message"] = a.failed ? text_or_null(a.failed->message) : json(nullptr);
  out["upstream_request_id"] = text_or_null(a.upstream_request_id);
  out["retry_after_ms"] = a.failed ? to_json(a.failed->retry_after) : json(nullptr);
  out["without_thinking"] = a.without_thinking;
  out["committed"] = a.committed;
  out["slow"] = a.slow;
  return out;
}

json reasons_to_json(const std::vector<policy::reason>& reasons) {
  auto out = json::array();
  for (const auto why : reasons)
    out.push_back(policy::to_text(why));
  return out;
}

json refusal_to_json(const policy::refusal& refused) {
  auto out = json::object();
  out["channel"] = text_or_null(refused.channel.text);
  out["reason"] = policy::to_text(refused.why);
  out["wait_ms"] = refused.wait.count();
  return out;
}

/// A candidate's place, and what was said of it in this decision.
json standing_to_json(const policy::decision& made, const policy::standing& stands) {
  const auto& c = made.plan->plan.candidates[stands.which];
  const auto* refused = policy::refusal_of(made, c);
  const auto chosen =
      made.granted && made.granted->channel == c.channel && made.granted->fallback == c.fallback;
  auto out = json::object();
  out["channel"] = c.channel.text;
  out["upstream_model"] = c.upstream_model;
  out["fallback"] = c.fallback;
  out["score"] = stands.score;
  out["load"] = stands.load ? json(*stands.load) : json(nullptr);
  out["verdict"] = chosen ? "chosen" : refused != nullptr ? "refused" : "not_asked";
  out["reason"] = chosen               ? json(policy::to_text(made.granted->why))
                  : refused != nullptr ? json(policy::to_text(refused->why))
                                       : json(nullptr);
  return out;
}

/// How one attempt's channel was found.
json step_to_json(const policy::decision& made) {
  auto out = json::object();
  out["home"] = to_json(made.home);
  out["seed"] = std::to_string(made.seed);
  out["candidates"] = json::array();
  for (const auto& stands : policy::standings(made))
    out["candidates"].push_back(standing_to_json(made, stands));
  out["refused"] = json::array();
  for (const auto& r : made.refused)
    out["refused"].push_back(refusal_to_json(r));
  out["chosen"] = made.granted ? json(made.granted->channel.text) : json(nullptr);
  out["why"] = made.granted ? json(policy::to_text(made.granted->why)) : json(nullptr);
  out["tokens_left"] = made.tokens_left;
  out["leaving_cost"] =
      made.leaving_cost ? json(policy::to_text(*made.leaving_cost)) : json(nullptr);
  out["active_requests"] = made.active;
  out["extra_attempts"] = made.extra;
  return out;
}

/// What was said of a candidate, the last word first: it served, or refused, or was not asked.
void judge_candidate(json& out, const policy::request_record& r, const policy::candidate& c) {
  out["verdict"] = "eligible";
  out["reasons"] = json::array();
  for (auto made = r.decisions.rbegin(); made != r.decisions.rend(); ++made) {
    if (made->granted && made->granted->channel == c.channel &&
        made->granted->fallback == c.fallback) {
      out["reasons"] = reasons_to_json({made->granted->why});
      return;
    }
    const auto* refused = policy::refusal_of(*made, c);
    if (refused == nullptr)
      continue;
    out["verdict"] = "refused";
    out["reasons"] = reasons_to_json({refused->why});
    out["wait_ms"] = refused->wait.count();
    return;
  }
}

json candidates_to_json(const policy::request_record& r, const policy::decision& last) {
  auto out = json::array();
  for (const auto& stands : policy::standings(last)) {
    const auto& c = last.plan->plan.candidates[stands.which];
    auto one = json::object();
    one["channel"] = c.channel.text;
    one["upstream_model"] = c.upstream_model;
    one["fallback"] = c.fallback;
    one["priority"] = c.priority;
    one["weight"] = c.weight;
    one["score"] = stands.score;
    judge_candidate(one, r, c);
    out.push_back(std::move(one));
  }
  for (const auto& o : last.plan->outsiders)
    out.push_back(to_json(o));
  return out;
}

/// Who was considered, with every figure, and why each attempt went where it went.
json decision_to_json(const policy::request_record& r) {
  const auto* last =
      r.decisions.empty() || !r.decisions.back().plan ? nullptr : &r.decisions.back();
  auto out = json::object();
  out["models"] = last ? json(last->plan->plan.models) : json::array();
  out["candidates"] = last ? candidates_to_json(r, *last) : json::array();
  out["chosen"] = r.attempts.empty() ? json(nullptr) : json(r.attempts.back().channel.text);
  out["why"] = r.attempts.empty() ? json(nullptr) : json(policy::to_text(r.attempts.back().why));
  out["moved"] = r.moved;
  out["estimated_tokens"] = r.needs.tokens;
  out["images"] = r.needs.images;
  out["server_tools"] = r.needs.server_tools;
  out["steps"] = json::array();
  for (const auto& made : r.decisions)
    out["steps"].push_back(step_to_json(made));
  return out;
}

json error_to_json(const policy::request_record& r) {
  if (r.error_type.empty() && r.error_message.empty())
    return nullptr;
  auto out = json::object();
  out["type"] = text_or_null(r.error_type);
  out["message"] = text_or_null(r.error_message);
  return out;
}

json rest_to_json(const policy::seen_rest& rest) {
  auto out = json::object();
  if (!rest.model.empty())
    out["model"] = rest.model;
  if (!rest.credential.empty())
    out["credential_id"] = rest.credential.text;
  out["reason"] = policy::to_text(rest.why);
  out["until"] = to_json(rest.until);
  out["detail"] = text_or_null(rest.detail);
  return out;
}

} // namespace

json to_json(const llm::usage& tokens) {
  auto out = json::object();
  out["input_tokens"] = tokens.input;
  out["cache_read_tokens"] = tokens.cache_read;
  out["cache_write_tokens"] = tokens.cache_write;
  out["cache_write_5m_tokens"] = tokens.cache_write_5m;
  out["cache_write_1h_tokens"] = tokens.cache_write_1h;
  out["output_tokens"] = tokens.output;
  out["reasoning_tokens"] = tokens.reasoning;
  out["estimated"] = false;
  return out;
}

json to_json(const std::optional<policy::cost>& cost) {
  if (!cost)
    return nullptr;
  auto out = json::object();
  out["total"] = policy::to_text(cost->total());
  auto& classes = out["by_class"];
  classes["input"] = policy::to_text(cost->input);
  classes["cache_read"] = policy::to_text(cost->cache_read);
  classes["cache_write_5m"] = policy::to_text(cost->cache_write_5m);
  classes["cache_write_1h"] = policy::to_text(cost->cache_write_1h);
  classes["output"] = policy::to_text(cost->output);
  out["price_version"] = cost->price_version;
  return out;
}

json attempts_to_json(const policy::request_record& record) {
  auto out = json::array();
  for (auto i = std::size_t{0}; i < record.attempts.size(); ++i)
    out.push_back(attempt_to_json(record, i));
  return out;
}

json to_json(const policy::outsider& o) {
  auto out = json::object();
  out["channel"] = o.channel.text;
  out["upstream_model"] = text_or_null(o.upstream_model);
  out["verdict"] = "refused";
  out["reasons"] = reasons_to_json(o.objections);
  out["score"] = 0;
  return out;
}

json to_json(const policy::request_record& r) {
  const auto* last = r.attempts.empty() ? nullptr : &r.attempts.back();
  auto model = json::object();
  model["requested"] = text_or_null(r.requested_model);
  model["mapped"] = text_or_null(r.mapped_model);
  model["upstream"] = last ? text_or_null(last->upstream_model) : json(nullptr);
  auto out = json::object();
  out["id"] = r.id.text;
  out["at"] = to_rfc3339(r.at);
  out["source"] = r.is_test ? "test" : "api";
  out["project"] = text_or_null(r.project.text);
  out["key"] = text_or_null(r.key.text);
  out["trace"] = text_or_null(r.trace.text);
  out["external_trace"] = text_or_null(r.external_trace);
  out["thread"] = text_or_null(r.thread);
  out["agent_id"] = text_or_null(r.agent_id);
  out["dialect"] = llm::to_text(r.dialect);
  out["stream"] = r.stream;
  out["counts_tokens"] = r.counts_tokens;
  out["client"] = text_or_null(r.client);
  out["client_ip"] = text_or_null(r.client_ip);
  out["model"] = std::move(model);
  out["profile"] = text_or_null(r.profile.text);
  out["channel"] = last ? text_or_null(last->channel.text) : json(nullptr);
  out["credential"] = last ? text_or_null(last->credential.text) : json(nullptr);
  out["http_status"] = r.http_status == 0 ? json(nullptr) : json(r.http_status);
  out["status"] = policy::to_text(r.status);
  out["reason"] = text_or_null(r.reason);
  out["error"] = error_to_json(r);
  out["first_event_ms"] = to_json(r.first_event);
  out["duration_ms"] = r.duration.count();
  out["overhead_ms"] = r.overhead.count();
  out["request_bytes"] = r.request_bytes;
  out["response_bytes"] = r.response_bytes;
  out["overrides_applied"] = json::array();
  out["usage"] = r.tokens.seen ? to_json(r.tokens) : json(nullptr);
  out["cost"] = to_json(r.cost);
  out["dropped"] = r.dropped;
  out["decision"] = decision_to_json(r);
  out["attempts"] = attempts_to_json(r);
  return out;
}

json to_json(const std::optional<policy::binding>& bound) {
  if (!bound)
    return nullptr;
  auto out = json::object();
  out["channel_id"] = bound->channel.text;
  out["credential_id"] = bound->credential.text;
  out["since"] = to_rfc3339(bound->since);
  out["last_used_at"] = to_rfc3339(bound->last_used_at);
  out["warm_until"] = to_rfc3339(bound->warm_until);
  out["warm_tokens"] = bound->warm_tokens;
  return out;
}

json to_json(const std::vector<policy::model_binding>& bound) {
  auto out = json::array();
  for (const auto& b : bound) {
    auto one = to_json(std::optional{b.bound});
    one["model"] = text_or_null(b.name);
    out.push_back(std::move(one));
  }
  return out;
}

json to_json(const policy::health_view& health) {
  auto out = json::object();
  out["state"] = policy::to_text(health.state);
  out["until"] = to_json(health.until);
  out["in_flight"] = health.in_flight;
  out["queued"] = health.queued;
  out["breakers"] = json::array();
  for (const auto& b : health.breakers)
    out["breakers"].push_back(rest_to_json(b));
  out["cooldowns"] = json::array();
  for (const auto& c : health.cooldowns)
    out["cooldowns"].push_back(rest_to_json(c));
  out["last_errors"] = json::array();
  for (const auto& e : health.errors) {
    auto one = json::object();
    one["at"] = to_rfc3339(e.at);
    one["model"] = text_or_null(e.model);
    one["credential_id"] = text_or_null(e.credential.text);
    one["reason"] = policy::to_text(e.kind);
    one["http_status"] = e.http_status == 0 ? json(nullptr) : json(e.http_status);
    one["message"] = text_or_null(e.message);
    out["last_errors"].push_back(std::move(one));
  }
  return out;
}

} // namespace axonhub::net
