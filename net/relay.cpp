#include <algorithm>
#include <utility>

#include "llm/splice.hpp"
#include "net/forwarding.hpp"

/// The streaming half of forwarding: events pass from the upstream to the client.
namespace axonhub::net {
namespace {

using llm::event_kind;
using policy::attempt_failure;
using policy::failure_kind;
using policy::verdict;

constexpr std::size_t event_limit = 4 << 20;
constexpr auto farewell_time = milliseconds{1000};

} // namespace

task<std::optional<attempt_failure>> forwarding::relay_stream() {
  const auto& defaults = here_.shared.settings.upstream;
  const auto first_event_at =
      attempt_began_ + channel_->timeouts.first_event.value_or(defaults.first_event_timeout);
  const auto max_silence = channel_->timeouts.max_silence.value_or(defaults.max_silence);
  if (!std::exchange(counted_as_stream_, true))
    here_.counts.stream_began();
  last_progress_ = std::chrono::steady_clock::now();
  auto failed = std::optional<attempt_failure>{};
  for (;;) {
    auto fresh = std::string_view{};
    const auto how =
        reader_.read_body(*upstream_, here_.io.scratch(), io_thread::scratch_size, fresh);
    if (!fresh.empty()) {
      last_progress_ = std::chrono::steady_clock::now();
      const auto next = co_await take_events(fresh, failed);
      if (next == flow::failed)
        co_return failed;
      if (next == flow::gone) {
        gone_ = true;
        co_return std::nullopt;
      }
      if (next == flow::finished)
        break;
    }
    if (how == upstream_reader::state::done)
      co_return attempt_failure{
          .kind = exchange_.is_committed() ? failure_kind::cut : failure_kind::bad_answer,
          .message = "The stream ended without its last event"};
    if (how == upstream_reader::state::more)
      continue;
    if (how != upstream_reader::state::wait)
      co_return broken_upstream(how);
    const auto committed = exchange_.is_committed();
    const auto limit = committed ? last_progress_ + max_silence : first_event_at;
    if (const auto ec = co_await wait_upstream(limit); ec == errc::timeout)
      co_return timed_out(committed ? failure_kind::stall : failure_kind::first_event_timeout);
    else if (ec.failed())
      co_return broken_upstream(upstream_reader::state::cut);
  }
  // The client has everything. What ends the message on the wire makes the connection reusable.
  const auto patience = std::chrono::steady_clock::now() + farewell_time;
  for (;;) {
    auto fresh = std::string_view{};
    const auto how =
        reader_.read_body(*upstream_, here_.io.scratch(), io_thread::scratch_size, fresh);
    if (how == upstream_reader::state::more)
      continue;
    if (how != upstream_reader::state::wait)
      break;
    upstream_->set_deadline(patience);
    if ((co_await upstream_->readable()).failed())
      break;
  }
  co_return std::nullopt;
}

/// Takes the events that are complete now, and writes what the client may have of them.
task<forwarding::flow> forwarding::take_events(std::string_view fresh,
                                               std::optional<attempt_failure>& failed) {
  const auto joined = !tail_.empty();
  if (joined)
    tail_ += fresh;
  const auto bytes = joined ? std::string_view{tail_} : fresh;
  auto before = std::string{}; // held back until now
  auto pass_from = bytes.size();
  auto offset = std::size_t{0};
  auto state = flow::on;
  auto pass_to = std::size_t{0};
  const auto consumed = splitter_.feed(bytes, [&](std::string_view event) {
    if (state == flow::on) {
      state = take_event(event, before, pass_from, offset, failed);
      pass_to = offset + event.size();
    }
    offset += event.size();
  });
  const auto passing =
      pass_from < pass_to ? bytes.substr(pass_from, pass_to - pass_from) : std::string_view{};
  const auto is_last = state == flow::finished || (state == flow::failed && upstream_spoke_last_);
  auto rest = std::string{}; // the scratch does not survive the write
  if (!joined && consumed < bytes.size())
    rest.assign(bytes.substr(consumed));
  if (!before.empty() || !passing.empty()) {
    const auto parts = std::array<std::string_view, 2>{before, passing};
    ping_at_ = last_progress_ + here_.shared.settings.upstream.ping_interval;
    if (!co_await client_.write_stream(parts, is_last))
      co_return flow::gone;
  }
  if (joined)
    tail_.erase(0, consumed);
  else
    tail_ = std::move(rest);
  if (tail_.empty())
    std::string{}.swap(tail_);
  if (state == flow::on && (tail_.size() > event_limit || exchange_.overflows())) {
    failed = attempt_failure{
        .kind = exchange_.is_committed() ? failure_kind::cut : failure_kind::bad_answer,
        .message = "An event of the stream is too large"};
    co_return flow::failed;
  }
  co_return state;
}

/// Judges one event. `pass_from` becomes its place when it is the first that passes.
forwarding::flow forwarding::take_event(std::string_view event, std::string& before,
                                        std::size_t& pass_from, std::size_t offset,
                                        std::optional<attempt_failure>& failed) {
  const auto kind = meter_.observe(event);
  if (kind == event_kind::error) {
    const auto& said = meter_.error();
    failed =
        attempt_failure{.kind = exchange_.is_committed() ? failure_kind::stream_error
                                                         : policy::classify_stream_error(said.type),
                        .type = said.type,
                        .message = said.message};
    if (exchange_.is_committed()) { // it is the proper end of this stream: the client gets it
      upstream_spoke_last_ = true;
      pass_from = std::min(pass_from, offset);
    }
    return flow::failed;
  }
  if (kind == event_kind::malformed) {
    failed = attempt_failure{
        .kind = exchange_.is_committed() ? failure_kind::cut : failure_kind::bad_answer,
        .message = "An event of the stream is no JSON"};
    return flow::failed;
  }
  auto renamed = std::string{};
  auto seen = event;
  if (kind == event_kind::start && meter_.model_value() && !exchange_.is_committed() &&
      lease_.what().upstream_model != r_.peek.model) {
    const auto parts = llm::splice_name(event, *meter_.model_value(), r_.peek.model);
    renamed.append(parts.before).append(parts.replacement).append(parts.after);
    seen = renamed;
  }
  switch (exchange_.event(kind, seen)) {
    case verdict::hold:
      break;
    case verdict::refuse:
      break;
    case verdict::commit:
      if (!client_.stream_begun())
        client_.begin_stream(reader_.head().status, reader_.head().find("content-type"),
                             head_fields(true));
      before = exchange_.take_held();
      r_.record.http_status = 200;
      r_.record.first_event = to_ms(std::chrono::steady_clock::now() - r_.started.steady);
      commit();
      [[fallthrough]];
    case verdict::pass:
      pass_from = std::min(pass_from, offset);
      break;
  }
  return kind == event_kind::terminal ? flow::finished : flow::on;
}

} // namespace axonhub::net
