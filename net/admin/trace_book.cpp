#include "net/admin/trace_book.hpp"

#include <algorithm>

#include "net/admin/views.hpp"

namespace axonhub::net {
namespace {

void add_tokens(llm::usage& to, const llm::usage& more) {
  to.input += more.input;
  to.cache_read += more.cache_read;
  to.cache_write += more.cache_write;
  to.cache_write_5m += more.cache_write_5m;
  to.cache_write_1h += more.cache_write_1h;
  to.output += more.output;
  to.reasoning += more.reasoning;
  to.seen = to.seen || more.seen;
}

template <class Summary>
void widen(Summary& to, wall_time from, wall_time until) {
  to.first_at = to.first_at ? std::min(*to.first_at, from) : from;
  to.last_at = to.last_at ? std::max(*to.last_at, until) : until;
}

bool went_wrong(policy::request_status status) {
  return status == policy::request_status::failed || status == policy::request_status::partial;
}

json cache_read_share(const llm::usage& tokens) {
  if (tokens.prompt() == 0)
    return nullptr;
  return static_cast<double>(tokens.cache_read) / static_cast<double>(tokens.prompt());
}

} // namespace

trace_summary& trace_book::at(const trace_id& id, const project_id& project,
                              std::string_view external) {
  auto& t = traces_[id];
  if (t.key.id.empty())
    t.key = {id, project, std::string{external}};
  return t;
}

void trace_book::add(const store::stored_binding& kept) {
  auto& t = at(kept.trace, kept.project, kept.external_trace);
  add_bindings(t, policy::session_book{kept.all()});
}

void trace_book::add(const actors::trace_view& live) {
  auto& t = at(live.key.id, live.key.project, live.key.external);
  t.in_progress = live.in_flight;
  t.moves = live.moves;
  add_bindings(t, live.book);
}

void trace_book::add_bindings(trace_summary& to, policy::session_book book) {
  for (const auto& b : book.bindings())
    widen(to, b.bound.since, b.bound.last_used_at);
  book.drop_if([&](const policy::binding& b) { return !policy::exists(b, known_); });
  to.book = std::move(book);
}

void trace_book::add(const policy::request_record& r) {
  if (r.trace.empty())
    return;
  auto& t = at(r.trace, r.project, r.external_trace);
  widen(t, r.at, r.at + r.duration);
  if (!r.thread.empty())
    t.thread = r.thread;
  if (!r.client.empty())
    t.client = r.client;
  if (!r.requested_model.empty())
    t.models.insert(r.requested_model);
  for (const auto& a : r.attempts)
    t.channels.insert(a.channel.text);
  t.keys.insert(r.key.text);
  ++t.requests;
  t.failed += went_wrong(r.status) ? 1 : 0;
  add_tokens(t.tokens, r.tokens);
}

std::vector<thread_summary> threads_of(const trace_book& book) {
  auto by_id = std::map<std::string, thread_summary>{};
  for (const auto& [id, t] : book.traces()) {
    if (t.thread.empty())
      continue;
    const auto thread = derive_id("th_", t.key.project.text + "\n" + t.thread);
    auto& sum = by_id[thread];
    sum.id = thread;
    sum.project = t.key.project;
    sum.external = t.thread;
    ++sum.traces;
    sum.requests += t.requests;
    sum.failed += t.failed;
    sum.in_progress += t.in_progress;
    if (t.first_at && t.last_at)
      widen(sum, *t.first_at, *t.last_at);
    add_tokens(sum.tokens, t.tokens);
  }
  auto out = std::vector<thread_summary>{};
  for (auto& [id, sum] : by_id)
    out.push_back(std::move(sum));
  return out;
}

json to_json(const trace_summary& t) {
  auto out = json::object();
  out["id"] = t.key.id.text;
  out["external_id"] = t.key.external;
  out["project"] = t.key.project.text;
  out["thread"] = text_or_null(t.thread);
  out["title"] = nullptr;
  out["client"] = text_or_null(t.client);
  out["models"] = t.models;
  out["first_at"] = to_json(t.first_at);
  out["last_at"] = to_json(t.last_at);
  out["duration_ms"] = t.first_at && t.last_at ? (*t.last_at - *t.first_at).count() : 0;
  out["requests"] = t.requests;
  out["failed"] = t.failed;
  out["in_progress"] = t.in_progress;
  out["moves"] = t.moves;
  out["usage"] = to_json(t.tokens);
  out["cost"] = nullptr;
  out["cache_read_share"] = cache_read_share(t.tokens);
  const auto bound = t.book.bindings();
  out["binding"] = to_json(bound.empty() ? std::nullopt : std::optional{bound.front().bound});
  out["bindings"] = to_json(bound);
  return out;
}

json to_json(const thread_summary& t) {
  auto out = json::object();
  out["id"] = t.id;
  out["external_id"] = t.external;
  out["project"] = t.project.text;
  out["traces"] = t.traces;
  out["first_at"] = to_json(t.first_at);
  out["last_at"] = to_json(t.last_at);
  out["requests"] = t.requests;
  out["failed"] = t.failed;
  out["in_progress"] = t.in_progress;
  out["usage"] = to_json(t.tokens);
  out["cost"] = nullptr;
  out["cache_read_share"] = cache_read_share(t.tokens);
  return out;
}

} // namespace axonhub::net
