#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/mask.hpp"
#include "net/forwarding.hpp"
#include "net/offload.hpp"

/// The streaming half of forwarding: events pass from the upstream to the client.
namespace axonhub::net {
namespace {

using llm::event_kind;
using policy::attempt_failure;
using policy::failure_kind;
using policy::verdict;

constexpr std::size_t event_limit = 4 << 20;
constexpr std::size_t uncounted_hold = 64 * 1024;
constexpr std::size_t most_at_once = 16 * 1024; // converted without a pause
constexpr auto last_word_time = milliseconds{1000};

} // namespace

task<std::optional<attempt_failure>> forwarding::relay_stream() {
  const auto& defaults = here_.shared.settings.upstream;
  const auto first_event_at =
      attempt_began_ + channel_->timeouts.first_event.value_or(defaults.first_event_timeout);
  const auto max_silence = channel_->timeouts.max_silence.value_or(defaults.max_silence);
  const auto event_timeout = defaults.event_timeout;
  const auto only_pings = channel_->timeouts.total.value_or(defaults.total_timeout);
  if (!std::exchange(counted_as_stream_, true))
    here_.counts.stream_began();
  if (memory_)
    stream_.emplace(*std::exchange(memory_, std::nullopt));
  else
    stream_.emplace(spoken_,
                    lease_.what().upstream_model == r_.peek.model ? std::string{} : r_.peek.model);
  last_bytes_ = last_progress_ = std::chrono::steady_clock::now();
  auto failed = std::optional<attempt_failure>{};
  for (;;) {
    if (moves_long(tail_, io_thread::scratch_size))
      co_await make_room(here_, chore::answer, tail_, io_thread::scratch_size);
    auto fresh = std::string_view{};
    const auto how =
        reader_.read_body(*upstream_, here_.io.scratch(), io_thread::scratch_size, fresh);
    if (!fresh.empty()) {
      last_bytes_ = std::chrono::steady_clock::now();
      const auto next = co_await take_events(fresh, failed);
      if (next == flow::failed)
        co_return failed;
      if (next == flow::gone)
        co_return std::nullopt;
      if (next == flow::finished)
        break;
      if (is_converted() && fresh.size() > most_at_once)
        co_await asio::post(here_.io.context(), as_task); // the thread's others have their turn
    }
    if (failed && how != upstream_reader::state::more && how != upstream_reader::state::wait)
      co_return failed;
    if (how == upstream_reader::state::done) {
      if (co_await end_stream())
        co_return std::nullopt;
      tell_breach();
      co_return attempt_failure{
          .kind = exchange_.is_committed() ? failure_kind::cut : failure_kind::bad_answer,
          .message = "The stream ended without its last event"};
    }
    if (how == upstream_reader::state::more)
      continue;
    if (how != upstream_reader::state::wait)
      co_return broken_upstream(how);
    const auto committed = exchange_.is_committed();
    const auto limit = failed ? last_progress_ + last_word_time
                       : committed
                           ? std::min(last_bytes_ + max_silence, last_progress_ + only_pings)
                       : tail_.empty() ? first_event_at
                                       : std::min(first_event_at, tail_since_ + event_timeout);
    const auto ec = co_await wait_upstream(limit);
    if (ec.failed() && gone_)
      co_return std::nullopt;
    if (ec.failed() && failed)
      co_return failed;
    if (ec == errc::timeout)
      co_return timed_out(committed ? failure_kind::stall : failure_kind::first_event_timeout);
    if (ec.failed())
      co_return broken_upstream(upstream_reader::state::cut);
  }
  r_.record.drained = gone_;
  co_return std::nullopt;
}

/// The upstream's stream is over. True when that completes the answer; the client has it then.
task<bool> forwarding::end_stream() {
  const auto last = stream_->end();
  if (last.kind != event_kind::terminal)
    co_return false;
  auto batch = event_batch{{}};
  if (exchange_.event(last.kind, last.shown) == verdict::commit)
    begin_answer(batch);
  batch.before += last.shown;
  r_.record.drained = gone_;
  if (!co_await show(batch.parts(), true))
    gone_ = true;
  co_return true;
}

/// Writes to the client, if it is still there. False when there is nobody to go on for.
task<bool> forwarding::show(std::span<const std::string_view> bytes, bool last) {
  if (gone_)
    co_return is_draining();
  const auto written = co_await client_.write_stream(bytes, last);
  if (!written)
    client_left();
  co_return written || is_draining();
}

/// Takes the events that are complete now, and writes what the client may have of them.
task<forwarding::flow> forwarding::take_events(std::string_view fresh,
                                               std::optional<attempt_failure>& failed) {
  const auto joined = !tail_.empty();
  if (joined)
    tail_ += fresh;
  auto batch = event_batch{joined ? std::string_view{tail_} : fresh};
  auto state = flow::on;
  auto consumed = std::size_t{0};
  if (is_long(to_scan(batch.bytes.size())))
    consumed = co_await take_large(batch, state, failed);
  else
    consumed = splitter_.feed(batch.bytes, [&, offset = std::size_t{0}](auto event) mutable {
      if (state == flow::on)
        state = take_event(event, stream_->take(event), offset, batch, failed);
      offset += event.size();
    });
  const auto is_last = state == flow::finished || (state == flow::failed && upstream_spoke_last_);
  auto rest = std::string{}; // the scratch does not survive the write
  if (!joined && consumed < batch.bytes.size())
    rest.assign(batch.bytes.substr(consumed));
  if (const auto parts = batch.parts(); !parts[0].empty() || !parts[1].empty()) {
    ping_at_ = last_bytes_ + here_.shared.settings.upstream.ping_interval;
    if (!co_await show(parts, is_last))
      co_return flow::gone;
  }
  if (!joined)
    tail_ = std::move(rest);
  else
    tail_.erase(0, consumed);
  if (!joined || consumed > 0)
    tail_since_ = last_bytes_;
  else if (last_bytes_ - tail_since_ > here_.shared.settings.upstream.event_timeout)
    r_.record.attempts.back().slow = true;
  if (tail_.empty())
    std::string{}.swap(tail_);
  if (state == flow::on && (tail_.size() > event_limit || exchange_.overflows())) {
    if (!failed)
      failed = attempt_failure{
          .kind = exchange_.is_committed() ? failure_kind::cut : failure_kind::bad_answer,
          .message = exchange_.overflows() ? "The stream says too much before its content"
                                           : "An event of the stream is too large"};
    co_return flow::failed;
  }
  if (exchange_.held_size() > uncounted_hold)
    held_memory_.add(here_.shared.body_bytes, exchange_.held_size());
  co_return state;
}

/// The same where an event is so large that it takes long to read.
task<std::size_t> forwarding::take_large(event_batch& batch, flow& state,
                                         std::optional<attempt_failure>& failed) {
  auto events = std::vector<std::string_view>{};
  const auto consumed = splitter_.feed(batch.bytes, [&](auto event) { events.push_back(event); });
  auto offset = std::size_t{0};
  for (const auto event : events) {
    if (state != flow::on)
      break;
    const auto taken = co_await in_time(here_, chore::answer, to_scan(event.size()),
                                        [&] { return stream_->take(event); });
    state = take_event(event, taken, offset, batch, failed);
    offset += event.size();
  }
  co_return consumed;
}

/// The commit point: the client gets the head of the stream and what was held back.
void forwarding::begin_answer(event_batch& batch) {
  if (!client_.stream_begun())
    client_.begin_stream(
        reader_.head().status,
        is_converted() ? "text/event-stream; charset=utf-8" : reader_.head().find("content-type"),
        head_fields(true));
  batch.before = exchange_.take_held();
  r_.record.http_status = 200;
  r_.record.first_event = to_ms(std::chrono::steady_clock::now() - r_.started.steady);
  commit();
}

/// Judges one event, and adds to the batch what the client gets for it.
forwarding::flow forwarding::take_event(std::string_view event, stream_translation::taken what,
                                        std::size_t offset, event_batch& batch,
                                        std::optional<attempt_failure>& failed) {
  const auto [kind, shown] = what;
  if (failed && (kind != event_kind::error || stream_->may_fail_yet())) // no more of the answer
    return kind == event_kind::ping || kind == event_kind::other ? flow::on : flow::failed;
  if (kind != event_kind::ping)
    last_progress_ = last_bytes_;
  if (kind == event_kind::error) {
    failed = told_failure(stream_->error());
    if (!exchange_.is_committed())
      return flow::failed;
    failed->kind = failure_kind::stream_error;
    auto without_key = std::string{shown};
    hide_credential(without_key);
    batch.show(event, offset, without_key == shown ? shown : std::string_view{without_key});
    if (stream_->may_fail_yet()) // its last event should follow; ours will, if it does not
      return flow::on;
    upstream_spoke_last_ = true; // it is the proper end of this stream
    return flow::failed;
  }
  if (kind == event_kind::malformed) {
    tell_breach();
    if (exchange_.is_committed() && is_converted()) // what came of it until it broke is numbered
      batch.show(event, offset, shown);
    failed = attempt_failure{
        .kind = exchange_.is_committed() ? failure_kind::cut : failure_kind::bad_answer,
        .message = std::string{stream_->problem()}};
    return flow::failed;
  }
  switch (exchange_.event(kind, shown)) {
    case verdict::hold:
    case verdict::refuse:
      break;
    case verdict::commit:
      begin_answer(batch);
      [[fallthrough]];
    case verdict::pass:
      batch.show(event, offset, shown);
      break;
  }
  return kind == event_kind::terminal ? flow::finished : flow::on;
}

/// Leaves what the operator needs to see how a stream came to break a rule: its structure alone.
void forwarding::tell_breach() const {
  if (stream_->breach().empty())
    return;
  here_.shared.measures.grammar_broken(channel_->name);
  log::warn("stream.grammar_breach", {{"request", r_.record.id.text},
                                      {"channel", channel_->name},
                                      {"client_dialect", llm::to_text(r_.record.dialect)},
                                      {"upstream_dialect", llm::to_text(spoken_)},
                                      {"rule", stream_->breach()},
                                      {"trail", stream_->trail()}});
}

} // namespace axonhub::net
