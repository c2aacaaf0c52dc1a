#include <utility>

#include "base/mask.hpp"
#include "base/text.hpp"
#include "llm/answer_converter.hpp"
#include "llm/read_answer.hpp"
#include "llm/splice.hpp"
#include "llm/upstream_failure.hpp"
#include "net/forwarding.hpp"
#include "net/offload.hpp"
#include "net/upstream_request.hpp"
#include "policy/channel_traits.hpp"

namespace axonhub::net {
namespace {

using policy::attempt_failure;
using policy::failure_kind;

constexpr std::size_t error_body_limit = 1 << 20;
constexpr std::size_t answer_limit = 64 << 20;
constexpr auto error_body_time = std::chrono::seconds{10};

milliseconds or_default(std::optional<milliseconds> own, milliseconds common) {
  return own.value_or(common);
}

/// How a provider says that it has no such call.
bool is_missing_call(int status) { return status == 404 || status == 405 || status == 501; }

/// Whether a body is not what its bytes say.
bool is_compressed(const response_head& head) {
  const auto coding = head.find("content-encoding");
  return !coding.empty() && !equals_ignoring_case(coding, "identity");
}

bool is_event_stream(std::string_view content_type) {
  return starts_with_ignoring_case(content_type, "text/event-stream");
}

} // namespace

/// One attempt from connecting to the last byte; nullopt when the client has its whole answer.
task<std::optional<attempt_failure>> forwarding::try_upstream(bool fresh) {
  spoken_ = policy::dialect_of(*channel_);
  if (r_.counts_tokens() && spoken_ != llm::dialect::anthropic)
    co_return co_await answer_estimate();
  if (auto failed = co_await prepare_request())
    co_return failed;
  if (gone_) // while it was converted
    co_return std::nullopt;
  if (auto failed = co_await connect(fresh))
    co_return failed;
  if (auto failed = co_await send_request())
    co_return failed;
  if (auto failed = co_await read_head())
    co_return failed;
  if (reader_.head().status / 100 != 2)
    co_return co_await read_refusal();
  if (is_compressed(reader_.head()))
    co_return attempt_failure{.kind = failure_kind::bad_answer,
                              .http_status = static_cast<std::uint16_t>(reader_.head().status),
                              .message =
                                  "The upstream compressed an answer that was asked for "
                                  "without compression"};
  if (!r_.record.stream)
    co_return co_await take_answer();
  if (!is_event_stream(reader_.head().find("content-type")))
    co_return attempt_failure{.kind = failure_kind::bad_answer,
                              .http_status = static_cast<std::uint16_t>(reader_.head().status),
                              .message = "A stream was asked for; the answer is " +
                                         std::string{reader_.head().find("content-type")}};
  co_return co_await relay_stream();
}

task<std::optional<attempt_failure>> forwarding::connect(bool fresh) {
  const auto& defaults = here_.shared.settings.upstream;
  auto target = here_.targets.find(*channel_, policy::endpoint_for(r_.call, spoken_));
  if (!target)
    co_return attempt_failure{.kind = failure_kind::address_refused,
                              .message = target.error().message};
  target_ = *target;
  upstream_ = fresh ? nullptr : here_.pool.take(target_->pool_key);
  reused_ = upstream_ != nullptr;
  if (reused_) {
    upstream_->stop_watching();
    cancel_.active = upstream_;
    co_return std::nullopt;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto limits = dial_limits{or_default(channel_->timeouts.connect, defaults.connect_timeout),
                                  defaults.tls_timeout};
  auto made = co_await dial(here_, target_, limits, cancel_);
  const auto took = std::chrono::steady_clock::now() - began;
  waited_ += took;
  r_.record.attempts.back().connect = to_ms(took);
  if (made.failed)
    co_return std::move(made.failed);
  upstream_ = std::move(made.ready);
  cancel_.active = upstream_;
  co_return std::nullopt;
}

task<std::optional<attempt_failure>> forwarding::send_request() {
  const auto head = upstream_request_head(client_.head(), r_.record.dialect, r_.record.stream,
                                          *target_, *channel_, *credential(), sending_.size());
  auto parts = sending_.parts();
  parts.insert(parts.begin(), head);
  const auto began = std::chrono::steady_clock::now();
  const auto ec =
      co_await upstream_->write_all(parts, here_.shared.settings.upstream.write_stall, give_up_at_);
  attempt_began_ = std::chrono::steady_clock::now(); // first-byte times count from here
  waited_ += attempt_began_ - began;
  sent_ = !ec.failed();
  if (sent_)
    co_return std::nullopt;
  // The upstream may have refused the body early: its answer, if any, says more than the break.
  auto& from = *upstream_;
  if (reader_.read_head(from, here_.io.scratch(), io_thread::scratch_size) ==
      upstream_reader::state::more)
    co_return std::nullopt;
  co_return ec == errc::timeout ? timed_out(failure_kind::first_byte_timeout)
                                : broken_upstream(upstream_reader::state::cut);
}

task<std::optional<attempt_failure>> forwarding::read_head() {
  const auto& defaults = here_.shared.settings.upstream;
  const auto limit =
      r_.record.stream
          ? attempt_began_ + or_default(channel_->timeouts.first_byte, defaults.first_byte_timeout)
          : attempt_began_ + or_default(channel_->timeouts.total, defaults.total_timeout);
  while (reader_.head().status == 0 || reader_.head().is_interim()) {
    const auto how = reader_.read_head(*upstream_, here_.io.scratch(), io_thread::scratch_size);
    if (how == upstream_reader::state::more)
      break;
    if (how != upstream_reader::state::wait)
      co_return broken_upstream(how);
    if (const auto ec = co_await wait_upstream(limit); ec == errc::timeout)
      co_return timed_out(r_.record.stream ? failure_kind::first_byte_timeout
                                           : failure_kind::total_timeout);
    else if (ec.failed())
      co_return broken_upstream(upstream_reader::state::cut);
  }
  auto& record = r_.record.attempts.back();
  record.first_byte = to_ms(std::chrono::steady_clock::now() - attempt_began_);
  record.http_status = static_cast<std::uint16_t>(reader_.head().status);
  const auto id = upstream_request_id(reader_.head(), spoken_);
  if (shows_credential(id))
    record.upstream_request_id = masked(id, credential()->value);
  else
    record.upstream_request_id = id;
  co_return std::nullopt;
}

/// An answer that is no success: read, kept for the client, and judged.
task<std::optional<attempt_failure>> forwarding::read_refusal() {
  const auto& head = reader_.head();
  auto failed = attempt_failure{.http_status = static_cast<std::uint16_t>(head.status)};
  failed.retry_after =
      policy::parse_retry_after(head.find("retry-after"), head.find("retry-after-ms"), wall_now());
  refusal_ = {.dialect = spoken_,
              .status = failed.http_status,
              .has_retry_after = !head.find("retry-after").empty(),
              .content_type = std::string{head.find("content-type")},
              .fields = head_fields(true),
              .body = {}};
  const auto limit = std::chrono::steady_clock::now() + error_body_time;
  for (auto how = upstream_reader::state::more; refusal_.body.size() < error_body_limit;) {
    auto fresh = std::string_view{};
    how = reader_.read_body(*upstream_, here_.io.scratch(), io_thread::scratch_size, fresh);
    refusal_.body += fresh;
    if (how == upstream_reader::state::done)
      break;
    if (how == upstream_reader::state::more)
      continue;
    auto ec = error_code{errc::connection_closed};
    if (how == upstream_reader::state::wait)
      ec = co_await wait_upstream(limit);
    if (ec.failed())
      co_return broken_upstream(upstream_reader::state::cut);
  }
  if (head.status / 100 == 3) {
    failed.kind = failure_kind::redirect;
    failed.message = "The upstream redirects; redirects are not followed";
    failed.http_status = 0; // nothing for the client to read
    co_return failed;
  }
  if (is_compressed(head)) {
    const auto what = "HTTP " + std::to_string(head.status) + " with a compressed body";
    refusal_.content_type = "application/json";
    refusal_.body = llm::convert_error(spoken_, head.status, "{\"message\":\"" + what + "\"}",
                                       r_.record.id.text)
                        .body;
  }
  hide_credential(refusal_.body);
  auto said = llm::read_error_body(refusal_.body);
  failed.told = llm::judge_error(head.status, said);
  if (r_.counts_tokens() && is_missing_call(failed.http_status) &&
      !world_->catalog->traits_of(channel_->id, lease_.what().upstream_model).is_anthropic) {
    release_connection();
    co_return co_await answer_estimate();
  }
  const auto names_model = said.message.find("model") != std::string::npos ||
                           said.message.find(lease_.what().upstream_model) != std::string::npos;
  const auto& type = policy::is_telling(said.code) ? said.code : said.type;
  failed.kind = policy::classify_status(failed.http_status, type, said.message, names_model);
  if (r_.counts_tokens() && failed.kind == failure_kind::model_not_found)
    failed.kind = failure_kind::client_error; // many providers cannot count: their model is fine
  if (failed.kind == failure_kind::client_error && failed.http_status == 403)
    failed.told->trouble = llm::upstream_trouble::invalid_request;
  failed.type = masked(said.type);
  failed.message = masked(said.message);
  if (said.code.empty() && failed.type.empty() && failed.message.empty())
    failed.message = "HTTP " + std::to_string(head.status) + " without a readable error";
  release_connection();
  co_return failed;
}

const policy::credential* forwarding::credential() const {
  return world_->catalog->find_credential(lease_.what().credential);
}

/// A very short one is no secret, and a part of many words.
bool forwarding::shows_credential(std::string_view text) const {
  constexpr std::size_t shortest_secret = 8;
  const auto* key = credential();
  return key != nullptr && key->value.reveal().size() >= shortest_secret &&
         text.find(key->value.reveal()) != std::string_view::npos;
}

/// Some providers repeat the key that they refuse.
void forwarding::hide_credential(std::string& text) const {
  if (shows_credential(text))
    text = masked(text, credential()->value);
}

/// A whole answer: read, checked, and only then given to the client.
task<std::optional<attempt_failure>> forwarding::take_answer() {
  const auto& defaults = here_.shared.settings.upstream;
  const auto limit = attempt_began_ + or_default(channel_->timeouts.total, defaults.total_timeout);
  auto body = std::string{};
  const auto expected = static_cast<std::size_t>(
      std::min<std::uint64_t>(reader_.head().content_length, answer_limit));
  if (is_long(to_scan(expected)))
    co_await make_room(here_, chore::answer, body, expected + llm::body_padding);
  else
    body.reserve(expected + llm::body_padding);
  const auto has_length = reader_.head().body == body_kind::length;
  for (;;) {
    constexpr auto most = io_thread::scratch_size + llm::body_padding;
    if (!has_length && moves_long(body, most))
      co_await make_room(here_, chore::answer, body, most);
    auto fresh = std::string_view{};
    const auto how =
        reader_.read_body(*upstream_, here_.io.scratch(), io_thread::scratch_size, fresh);
    body += fresh;
    if (body.size() > answer_limit)
      co_return attempt_failure{.kind = failure_kind::bad_answer,
                                .message = "The answer is larger than 64 MiB"};
    if (how == upstream_reader::state::done)
      break;
    if (how == upstream_reader::state::more)
      continue;
    if (how != upstream_reader::state::wait)
      co_return broken_upstream(how);
    if (const auto ec = co_await wait_upstream(limit); ec == errc::timeout)
      co_return timed_out(failure_kind::total_timeout);
    else if (ec.failed())
      co_return broken_upstream(upstream_reader::state::cut);
  }
  body.reserve(body.size() + llm::body_padding);
  auto parts = std::array<std::string_view, 3>{body};
  auto renamed = llm::spliced_text{};
  auto converted = checked<llm::converted_answer>{};
  auto said = llm::upstream_error{}; // in place of an answer
  if (is_converted()) {
    converted = co_await in_time(here_, chore::answer, body.size(), [&] {
      return llm::convert_answer(std::move(body), *memory_, said);
    });
    if (!converted)
      co_return said.is_told() ? told_failure(said) : unreadable(converted.error().message);
    count_mended(converted->facts.mended);
    r_.record.tokens = converted->facts.tokens;
    parts = {converted->body};
  } else if (!r_.counts_tokens()) {
    const auto read = [&] { return llm::read_answer(spoken_, body, said); };
    auto facts = is_long(body.size()) ? checked<llm::answer_facts>{} : read();
    if (is_long(body.size()))
      facts = co_await offload(here_, chore::answer, read);
    if (!facts)
      co_return said.is_told() ? told_failure(said) : unreadable(facts.error().message);
    r_.record.tokens = facts->tokens;
    if (facts->model_value && lease_.what().upstream_model != r_.peek.model) {
      renamed = llm::splice_name(body, *facts->model_value, r_.peek.model);
      parts = {renamed.before, renamed.replacement, renamed.after};
    }
  }
  r_.record.first_event = to_ms(std::chrono::steady_clock::now() - r_.started.steady);
  commit();
  auto a = answer{.status = reader_.head().status,
                  .content_type = is_converted() ? "application/json"
                                                 : std::string{reader_.head().find("content-type")},
                  .fields = head_fields(true)};
  r_.record.http_status = static_cast<std::uint16_t>(a.status);
  if (!co_await client_.send(a, parts))
    gone_ = true;
  if (converted && is_long(to_scan(converted->body.size()))) // to free its pages takes long, too
    asio::post(here_.shared.slow_work, [spent = std::move(converted->body)] {});
  co_return std::nullopt;
}

/// From here on the request itself is not needed any more.
void forwarding::commit() {
  std::string{}.swap(r_.body); // an assignment would keep the memory
  std::string{}.swap(converted_);
  converted_memory_.give_back();
  held_memory_.give_back();
  sending_ = outgoing_body{};
  r_.memory.give_back();
  lease_.is_alive();
  extra_.give_back(); // it has answered: what is left of it adds no load to what is in trouble
  publish("request.committed");
}

/// An upstream that has answered before it had the whole request still waits for the rest: the next
/// request would become that. One whose answer has no end on the wire yet may take its time.
void forwarding::release_connection() {
  if (upstream_ && sent_ && !upstream_->is_cancelled()) {
    if (reader_.is_reusable())
      here_.pool.put(target_->pool_key, std::move(upstream_));
    else if (!reader_.is_complete())
      here_.leaving.await_end(std::move(upstream_), std::move(reader_), target_);
  }
  upstream_.reset();
}

/// What an upstream says inside a 200 about why it gives no answer.
attempt_failure forwarding::told_failure(const llm::upstream_error& said) const {
  auto failed = attempt_failure{
      .kind = policy::classify_stream_error(said),
      .type = masked(said.type.empty() || said.type == "error" ? said.code : said.type),
      .message = masked(said.message),
      .told = llm::judge_error(0, said)};
  hide_credential(failed.type);
  hide_credential(failed.message);
  hide_credential(failed.told->message);
  return failed;
}

attempt_failure forwarding::unreadable(std::string why) const {
  return {.kind = failure_kind::bad_answer,
          .http_status = static_cast<std::uint16_t>(reader_.head().status),
          .message = std::move(why)};
}

attempt_failure forwarding::broken_upstream(upstream_reader::state how) const {
  if (how == upstream_reader::state::broken)
    return {.kind = failure_kind::protocol, .message = std::string{reader_.fault()}};
  if (exchange_.is_committed())
    return {.kind = failure_kind::cut, .message = "The upstream closed in the middle"};
  if (reader_.has_begun())
    return {.kind = failure_kind::reset, .message = "The upstream closed in the middle"};
  if (reused_)
    return {.kind = failure_kind::stale_connection,
            .message = "The upstream closed a reused connection"};
  return {.kind = failure_kind::reset, .message = "The upstream closed without an answer"};
}

/// A stream that has begun may go on as long as it brings something.
steady_time forwarding::last_moment() const {
  return exchange_.is_committed() ? steady_time::max() : give_up_at_;
}

attempt_failure forwarding::timed_out(failure_kind kind) {
  if (std::chrono::steady_clock::now() >= last_moment()) {
    kind = failure_kind::total_timeout;
    exchange_.run_out_of_time();
  }
  return {.kind = kind, .message = "The upstream did not answer in time"};
}

/// Waits for bytes of the upstream, and meanwhile keeps a client that reads a stream alive.
task<error_code> forwarding::wait_upstream(steady_time limit) {
  const auto began = std::chrono::steady_clock::now();
  auto ec = error_code{};
  for (;;) {
    const auto deadline = std::min(limit, std::min(last_moment(), drain_until_));
    const auto pings = r_.record.stream && !gone_;
    const auto next = std::min(deadline, lease_.keep_at());
    upstream_->set_deadline(pings ? std::min(next, ping_at_) : next);
    ec = co_await upstream_->readable();
    const auto now = std::chrono::steady_clock::now();
    lease_.keep(now);
    if (ec != errc::timeout || now >= deadline)
      break;
    if (gone_ || !pings || now < ping_at_)
      continue;
    if (!co_await keep_client_alive())
      client_left();
    if (gone_ && !is_draining()) {
      ec = errc::cancelled;
      break;
    }
  }
  waited_ += std::chrono::steady_clock::now() - began;
  co_return ec;
}

task<bool> forwarding::keep_client_alive() {
  ping_at_ = std::chrono::steady_clock::now() + here_.shared.settings.upstream.ping_interval;
  if (!exchange_.is_opened()) {
    client_.begin_stream(200, "text/event-stream; charset=utf-8", head_fields(false));
    exchange_.opened();
  }
  const auto ping = llm::ping_event(r_.record.dialect);
  co_return co_await client_.write_stream(std::span{&ping, 1}, false);
}

} // namespace axonhub::net
