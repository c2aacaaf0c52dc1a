#include "metrics/registry.hpp"

#include <prometheus/text_serializer.h>

#include <utility>

#include "base/log.hpp"
#include "base/time.hpp"
#include "metrics/series.hpp"

namespace axonhub::metrics {

namespace {
constexpr std::string_view to_text(side s) { return s == side::client ? "client" : "upstream"; }

constexpr std::string_view to_text(chore c) {
  switch (c) {
    case chore::request:
      return "request";
    case chore::answer:
      return "answer";
    case chore::page:
      break;
  }
  return "page";
}
} // namespace

registry::registry(std::string_view version) : series_(std::make_unique<series>()) {
  series_->build_info.with({version}).Set(1);
  series_->start_time.with({}).Set(static_cast<double>(to_unix_ms(wall_now())) / 1000);
  for (const auto s : {side::client, side::upstream}) {
    series_->connections.with({to_text(s)});
    series_->connections_opened.with({to_text(s)});
  }
  series_->requests_in_flight.with({});
  series_->streams_in_flight.with({});
  for (const auto c : {chore::request, chore::answer, chore::page})
    series_->offloaded.with({to_text(c)});
  for (const auto* result : {"ok", "failed"})
    series_->store_commits.with({result});
  series_->store_commit_duration.with({});
}

registry::~registry() = default;

void registry::connection_opened(side s) {
  series_->connections.with({to_text(s)}).Increment();
  series_->connections_opened.with({to_text(s)}).Increment();
}

void registry::connection_closed(side s) { series_->connections.with({to_text(s)}).Decrement(); }

void registry::session_bound(std::string_view channel) {
  series_->sessions_bound.with({channel}).Increment();
}

void registry::text_mended(std::string_view channel, std::uint64_t count) {
  if (count > 0)
    series_->text_mended.with({channel}).Increment(static_cast<double>(count));
}

void registry::session_moved(std::string_view channel) {
  series_->sessions_moved.with({channel}).Increment();
}

void registry::credentials_benched(std::map<std::string, std::size_t> by_channel) {
  const auto lock = std::lock_guard{series_->mutex};
  for (const auto& [channel, count] : series_->benched)
    if (!by_channel.contains(channel))
      series_->credentials_benched.with({channel}).Set(0);
  for (const auto& [channel, count] : by_channel)
    series_->credentials_benched.with({channel}).Set(static_cast<double>(count));
  series_->benched = std::move(by_channel);
}

void registry::grammar_broken(std::string_view channel) {
  series_->grammar_breaches.with({channel}).Increment();
}

void registry::offloaded(chore what) { series_->offloaded.with({to_text(what)}).Increment(); }

void registry::store_committed(duration took, bool ok) {
  series_->store_commits.with({ok ? "ok" : "failed"}).Increment();
  series_->store_commit_duration.with({}).Observe(to_seconds(took));
}

std::string registry::render() const {
  const auto lock = std::lock_guard{series_->mutex};
  for (auto* from : series_->sources)
    from->flush();
  auto& dropped = series_->log_lines_dropped.with({});
  dropped.Increment(static_cast<double>(log::dropped()) - dropped.Value());
  return prometheus::TextSerializer{}.Serialize(series_->all.Collect());
}

} // namespace axonhub::metrics
