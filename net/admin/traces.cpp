#include "net/admin/traces.hpp"

#include <algorithm>

#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/records.hpp"
#include "net/admin/views.hpp"
#include "net/ask.hpp"
#include "net/worker.hpp"
#include "policy/session.hpp"

namespace axonhub::net::admin {
namespace {

constexpr auto directory_deadline = std::chrono::seconds{5};
constexpr std::size_t most_bindings = 10'000;

/// The trace in the call's path; throws 404.
task<trace_summary> trace_of(admin_call& call) {
  auto project = std::string{call.query_value("project")};
  auto text = call.params.at(0);
  auto found = co_await find_trace(call, std::move(text), std::move(project));
  if (!found)
    refuse(404, "There is no trace '" + call.params.at(0) + "'");
  co_return std::move(*found);
}

task<actors::record_list> records_of(admin_call& call, trace_id id) {
  auto wanted = actors::journal_query{};
  wanted.trace = std::move(id);
  co_return co_await collect_records(call, std::move(wanted));
}

bool has_status(const trace_summary& t, std::string_view status) {
  if (status == "in_progress")
    return t.in_progress > 0;
  if (status == "failed")
    return t.failed > 0;
  return status == "completed" && t.failed == 0 && t.in_progress == 0;
}

bool is_bound_to(const trace_summary& t, std::string_view channel) {
  return std::ranges::any_of(
      t.book.entries(), [&](const auto& e) { return e.bound && e.bound->channel.text == channel; });
}

bool matches(const admin_call& call, const trace_summary& t, std::optional<wall_time> from,
             std::optional<wall_time> to) {
  const auto same = [&](std::string_view name, std::string_view value) {
    const auto wanted = call.query_value(name);
    return wanted.empty() || wanted == value;
  };
  const auto among = [&](std::string_view name, const std::set<std::string>& values) {
    const auto wanted = call.query_value(name);
    return wanted.empty() || values.contains(std::string{wanted});
  };
  const auto status = call.query_value("status");
  const auto channel = call.query_value("channel");
  return same("project", t.key.project.text) && same("thread", t.thread) &&
         (among("channel", t.channels) || is_bound_to(t, channel)) && among("key", t.keys) &&
         among("model", t.models) && same("client", t.client) &&
         (status.empty() || has_status(t, status)) && same("external_id", t.key.external) &&
         (!from || (t.last_at && *t.last_at >= *from)) &&
         (!to || (t.first_at && *t.first_at < *to));
}

json request_entry(const policy::request_record& r) {
  auto out = json::object();
  out["kind"] = "request";
  out["at"] = to_rfc3339(r.at);
  out["request"] = r.id.text;
  out["agent_id"] = text_or_null(r.agent_id);
  out["model"] = text_or_null(r.requested_model);
  out["status"] = policy::to_text(r.status);
  out["reason"] = text_or_null(r.reason);
  out["first_event_ms"] = to_json(r.first_event);
  out["duration_ms"] = r.duration.count();
  out["usage"] = r.tokens.seen ? to_json(r.tokens) : json(nullptr);
  out["moved"] = r.moved;
  out["attempts"] = attempts_to_json(r);
  return out;
}

} // namespace

task<std::vector<actors::trace_view>> live_traces(admin_call& call) {
  auto all = std::vector<actors::trace_view>{};
  const auto shards = call.world->directory;
  for (const auto& shard : shards) {
    auto some =
        co_await ask<std::vector<actors::trace_view>>(shard, directory_deadline, atom::list_v);
    if (some)
      std::ranges::move(*some, std::back_inserter(all));
  }
  co_return all;
}

task<trace_book> read_traces(admin_call& call) {
  const auto live = co_await live_traces(call);
  auto wanted = actors::journal_query{};
  const auto records = co_await collect_records(call, std::move(wanted));
  co_return co_await offload(call.here, chore::page, [&] {
    auto book = trace_book{call.world->catalog->data()};
    const auto bindings = call.here.shared.kept.list_bindings({}, most_bindings);
    if (!bindings)
      refuse(503, "The store cannot be read: " + bindings.error().message());
    for (const auto& b : *bindings)
      book.add(b);
    for (const auto& t : live)
      book.add(t);
    for (auto r = records.rbegin(); r != records.rend(); ++r)
      book.add(**r);
    return book;
  });
}

task<std::optional<trace_summary>> find_trace(admin_call& call, std::string text,
                                              std::string project) {
  const auto book = co_await read_traces(call);
  auto found = std::optional<trace_summary>{};
  if (const auto own = book.traces().find(trace_id{text}); own != book.traces().end())
    found = own->second;
  for (const auto& [id, t] : book.traces()) {
    if (t.key.external != text || (!project.empty() && t.key.project.text != project))
      continue;
    if (found && found->key.id != id)
      refuse(409, "Several projects have a trace '" + text + "': add ?project=");
    found = t;
  }
  // Beyond the bindings that were read: the text says where to look.
  const auto& projects = call.world->catalog->data().projects;
  for (auto p = projects.begin(); !found && p != projects.end(); ++p) {
    if (!project.empty() && p->first.text != project)
      continue;
    const auto kept = call.here.shared.kept.find_binding(policy::trace_id_of(p->first, text));
    if (!kept || !*kept)
      continue;
    auto one = trace_book{call.world->catalog->data()};
    one.add(**kept);
    found = one.traces().begin()->second;
  }
  co_return found;
}

task<answer> list_traces(admin_call& call) {
  const auto from = query_time(call, "from");
  const auto to = query_time(call, "to");
  const auto book = co_await read_traces(call);
  co_return co_await make_beside(call, [&] {
    auto all = positioned<const trace_summary*>{};
    for (const auto& [id, t] : book.traces())
      if (matches(call, t, from, to))
        all.emplace_back(position_of(t.first_at.value_or(wall_time{}), id.text), &t);
    return json_answer(200, one_page(call, std::move(all), page_order::newest_first,
                                     [](const auto* t) { return to_json(*t); }));
  });
}

task<answer> show_trace(admin_call& call) {
  const auto found = co_await trace_of(call);
  co_return json_answer(200, to_json(found));
}

task<answer> list_trace_requests(admin_call& call) {
  const auto found = co_await trace_of(call);
  const auto records = co_await records_of(call, found.key.id);
  co_return co_await make_beside(call, [&] {
    return json_answer(200, records_page(call, records, page_order::oldest_first));
  });
}

task<answer> show_timeline(admin_call& call) {
  const auto found = co_await trace_of(call);
  const auto records = co_await records_of(call, found.key.id);
  co_return co_await make_beside(call, [&] {
    auto all = positioned<const policy::request_record*>{};
    for (const auto& r : records)
      all.emplace_back(position_of(r->at, r->id.text), r.get());
    return json_answer(200, one_page(call, std::move(all), page_order::oldest_first,
                                     [](const auto* r) { return request_entry(*r); }));
  });
}

task<answer> list_threads(admin_call& call) {
  const auto book = co_await read_traces(call);
  co_return co_await make_beside(call, [&] {
    const auto project = call.query_value("project");
    const auto threads = threads_of(book);
    auto all = positioned<const thread_summary*>{};
    for (const auto& t : threads)
      if (project.empty() || t.project.text == project)
        all.emplace_back(position_of(t.first_at.value_or(wall_time{}), t.id), &t);
    return json_answer(200, one_page(call, std::move(all), page_order::newest_first,
                                     [](const auto* t) { return to_json(*t); }));
  });
}

task<answer> show_thread(admin_call& call) {
  const auto book = co_await read_traces(call);
  co_return co_await make_beside(call, [&] {
    const auto threads = threads_of(book);
    const auto found = std::ranges::find(threads, call.params.at(0), &thread_summary::id);
    if (found == threads.end())
      refuse(404, "There is no thread '" + call.params.at(0) + "'");
    auto shown = to_json(*found);
    auto members = json::array();
    for (const auto& [id, t] : book.traces())
      if (t.key.project == found->project && t.thread == found->external)
        members.push_back(to_json(t));
    shown["items"] = std::move(members);
    return json_answer(200, shown);
  });
}

} // namespace axonhub::net::admin
