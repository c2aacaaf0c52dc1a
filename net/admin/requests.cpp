#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <tuple>

#include "base/text.hpp"
#include "net/admin/fields.hpp"
#include "net/admin/handlers.hpp"
#include "net/admin/records.hpp"
#include "net/admin/views.hpp"
#include "net/ask.hpp"
#include "net/worker.hpp"
#include "policy/session.hpp"

namespace axonhub::net::admin {
namespace {

constexpr auto journal_deadline = std::chrono::seconds{5};

bool used_channel(const policy::request_record& r, std::string_view channel) {
  return std::ranges::any_of(r.attempts, [&](const auto& a) { return a.channel.text == channel; });
}

/// The query's filters on requests, read once.
struct request_filter {
  explicit request_filter(const admin_call& call)
      : call(call), from(query_time(call, "from")), to(query_time(call, "to")) {
    const auto least = call.query_value("min_duration_ms");
    const auto number = parse_decimal<std::uint32_t>(least);
    if (!least.empty() && !number)
      refuse(400, "min_duration_ms must be a whole number");
    min_duration = milliseconds{number.value_or(0)};
  }

  bool same(std::string_view name, std::string_view value) const {
    const auto wanted = call.query_value(name);
    return wanted.empty() || wanted == value;
  }

  bool takes(const policy::request_record& r) const {
    const auto trace = call.query_value("trace");
    const auto channel = call.query_value("channel");
    const auto model = call.query_value("model");
    return same("project", r.project.text) && same("key", r.key.text) &&
           (trace.empty() || trace == r.trace.text || trace == r.external_trace) &&
           (channel.empty() || used_channel(r, channel)) &&
           (model.empty() || model == r.requested_model || model == r.mapped_model) &&
           same("status", policy::to_text(r.status)) && same("reason", r.reason) &&
           same("source", r.is_test ? "test" : "api") && r.duration >= min_duration &&
           (!from || r.at >= *from) && (!to || r.at < *to);
  }

  const admin_call& call;
  std::optional<wall_time> from;
  std::optional<wall_time> to;
  milliseconds min_duration{0};
};

task<actors::record_list> find_live(const worker& w, actors::journal_query wanted) {
  co_return w.live.find(wanted);
}

bool is_under_way(const policy::request_record& r) {
  return r.status == policy::request_status::in_progress;
}

/// Newest first; one that ended between two looks is there twice, and its end counts.
actors::record_list in_order(actors::record_list all) {
  std::ranges::stable_sort(all, [](const auto& a, const auto& b) {
    return std::tuple{b->at, std::string_view{b->id.text}, is_under_way(*a)} <
           std::tuple{a->at, std::string_view{a->id.text}, is_under_way(*b)};
  });
  const auto twice =
      std::ranges::unique(all, [](const auto& a, const auto& b) { return a->id == b->id; });
  all.erase(twice.begin(), twice.end());
  return all;
}

} // namespace

std::optional<wall_time> query_time(const admin_call& call, std::string_view name) {
  const auto text = call.query_value(name);
  if (text.empty())
    return std::nullopt;
  const auto time = parse_rfc3339(text);
  if (!time)
    refuse(400, std::string{name} + " must be a time like 2026-11-22T10:36:00Z");
  return time;
}

task<actors::record_list> collect_records(admin_call& call, actors::journal_query wanted) {
  auto all = actors::record_list{};
  // What is under way first: what ends meanwhile is in the journal by then.
  for (auto* w : call.here.shared.workers) {
    auto some =
        co_await asio::co_spawn(w->io.context().get_executor(), find_live(*w, wanted), as_task);
    std::ranges::move(some, std::back_inserter(all));
  }
  const auto shards = call.world->journal;
  for (const auto& shard : shards) {
    auto some = co_await ask<actors::record_list>(shard, journal_deadline, atom::list_v, wanted);
    if (some)
      std::ranges::move(*some, std::back_inserter(all));
  }
  co_return co_await offload(call.here, chore::page, [&all] { return in_order(std::move(all)); });
}

json records_page(const admin_call& call, const actors::record_list& records, page_order order) {
  auto all = positioned<const policy::request_record*>{};
  for (const auto& r : records)
    all.emplace_back(position_of(r->at, r->id.text), r.get());
  return one_page(call, std::move(all), order, [](const auto* r) { return to_json(*r); });
}

task<answer> list_requests(admin_call& call) {
  const auto filter = request_filter{call};
  auto wanted = actors::journal_query{};
  auto records = co_await collect_records(call, std::move(wanted));
  co_return co_await make_beside(call, [&] {
    std::erase_if(records, [&](const auto& r) { return !filter.takes(*r); });
    return json_answer(200, records_page(call, records, page_order::newest_first));
  });
}

task<answer> show_request(admin_call& call) {
  auto wanted = actors::journal_query{};
  wanted.id = request_id{call.params.at(0)};
  const auto found = co_await collect_records(call, std::move(wanted));
  if (found.empty())
    refuse(404, "There is no request '" + call.params.at(0) + "' on record");
  co_return json_answer(200, to_json(*found.front()));
}

} // namespace axonhub::net::admin
