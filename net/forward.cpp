#include "net/forward.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "llm/upstream_failure.hpp"
#include "net/ask.hpp"
#include "net/forwarding.hpp"
#include "net/record_json.hpp"
#include "net/upstream_request.hpp"

namespace axonhub::net {
namespace {

using policy::action;
using policy::attempt_failure;
using policy::failure_kind;
using policy::request_end;
using policy::request_status;

std::string joined(const std::vector<std::string>& names) {
  auto out = std::string{};
  for (const auto& name : names)
    out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

void append_retry_after(std::string& fields, milliseconds wait) {
  const auto clamped = policy::clamp_retry_after(wait);
  append_field(fields, "retry-after", static_cast<std::uint64_t>((clamped.count() + 999) / 1000));
}

} // namespace

task<void> forward(client_request& r) {
  auto f = forwarding{r};
  co_await f.run();
}

void held_lease::take(policy::lease what, actors::channel_actor from) {
  give_back();
  lease_ = std::move(what);
  owner_ = std::move(from);
  keep_at_ = std::chrono::steady_clock::now() + policy::lease_renewal;
  unused_ = true;
}

void held_lease::keep(steady_time now) {
  if (!lease_ || now < keep_at_)
    return;
  keep_at_ = now + policy::lease_renewal;
  tell(owner_, atom::renew_v, *lease_);
}

void held_lease::is_alive() {
  if (lease_ && std::exchange(lease_->awaited, false))
    tell(owner_, atom::alive_v, *lease_);
}

void held_lease::give_back(std::optional<attempt_failure> failed, bool neutral,
                           std::optional<std::uint64_t> tokens, bool slow) {
  if (!lease_)
    return;
  keep_at_ = steady_time::max();
  tell(owner_, atom::release_v,
       policy::attempt_outcome{.used = *std::exchange(lease_, std::nullopt),
                               .failed = std::move(failed),
                               .neutral = neutral,
                               .slow = slow,
                               .tokens = tokens,
                               .unused = unused_});
}

forwarding::forwarding(client_request& r)
    : r_(r),
      client_(r.from),
      here_(r.from.owner()),
      exchange_({}, r.record.stream, random_bits()),
      active_(here_.shared.retries),
      world_(r.world),
      give_up_at_(r.started.steady + here_.shared.settings.upstream.total_timeout),
      ping_at_(r.started.steady + here_.shared.settings.upstream.ping_interval) {
  client_.client().watch_peer([this] { client_left(); }, here_.shared.settings.server.half_close);
}

forwarding::~forwarding() {
  client_.client().stop_watching();
  if (counted_as_stream_)
    here_.counts.stream_ended();
}

task<void> forwarding::run() {
  live_.emplace(here_.live, r_.record);
  publish("request.started");
  auto next = exchange_.start();
  while (next.what == action::route || next.what == action::attempt) {
    if (gone_)
      break;
    if (next.what == action::route)
      next = co_await route();
    else
      next = co_await attempt(std::move(next));
  }
  if (gone_)
    client_.client().close();
  else if (next.what != action::done && !upstream_spoke_last_)
    co_await answer_error(std::move(next));
  finish();
}

/// Nobody reads the answer any more.
void forwarding::client_left() {
  if (std::exchange(gone_, true))
    return;
  if (asked_)
    for (const auto& c : *asked_)
      tell(c.actor, atom::abandon_v, r_.record.id);
  if (r_.key->on_client_gone == policy::client_gone::cancel || !exchange_.is_committed() ||
      !r_.record.stream)
    return cancel_.cancel();
  drain_until_ =
      std::chrono::steady_clock::now() + here_.shared.settings.server.limits.client_gone_drain;
  if (upstream_)
    upstream_->set_deadline(drain_until_);
  client_.client().close();
}

/// What the attempt has cost so far, as far as the upstream said.
std::optional<std::uint64_t> forwarding::used_tokens(
    const std::optional<attempt_failure>& failed) const {
  const auto refused = failed && failed->http_status >= 300 && !exchange_.is_committed();
  if (!sent_ || r_.counts_tokens() || refused)
    return 0;
  const auto& tokens = stream_ ? stream_->seen() : r_.record.tokens;
  if (!tokens.seen)
    return std::nullopt;
  return tokens.input + tokens.cache_read + tokens.cache_write + tokens.output;
}

task<policy::step> forwarding::attempt(step how) {
  if (how.wait.count() > 0)
    co_await sleep_for(how.wait);
  const auto& lease = lease_.what();
  const auto& models = r_.record.decisions.back().plan->plan.models;
  if (lease.fallback < models.size() && r_.record.mapped_model != models[lease.fallback])
    r_.record.mapped_model = models[lease.fallback];
  auto& record = r_.record.attempts.emplace_back();
  record.channel = lease.channel;
  record.credential = lease.credential;
  record.upstream_model = lease.upstream_model;
  record.why = lease.why;
  record.started_at = wall_now();
  attempt_began_ = std::chrono::steady_clock::now();
  sent_ = false;
  reader_ = {};
  splitter_ = {};
  stream_.reset();
  r_.record.tokens = {};
  tail_.clear();
  held_memory_.give_back();
  record.without_thinking = how.without_thinking;
  channel_ = world_->catalog->find_channel(lease.channel);
  if (channel_ != nullptr && channel_->timeouts.total) // an answer may take longer there
    give_up_at_ = std::max(give_up_at_, attempt_began_ + *channel_->timeouts.total);
  auto failed = std::optional<attempt_failure>{};
  if (channel_ == nullptr || world_->catalog->find_credential(lease.credential) == nullptr)
    failed = attempt_failure{.kind = failure_kind::address_refused,
                             .message = "The channel was removed meanwhile"};
  else
    failed = co_await try_upstream(how.fresh_connection);
  cancel_.active.reset();
  record_use();
  if (failed || gone_)
    upstream_.reset();
  else
    release_connection();
  if (stream_)
    count_mended(stream_->mended());
  end_attempt(failed);
  if (failed && stream_ && !exchange_.is_committed()) { // nobody has heard of this stream
    r_.record.tokens = stream_->seen();
    stream_.reset();
  }
  if (gone_) {
    lease_.give_back({}, true, used_tokens(failed));
    co_return step{.what = action::stop};
  }
  if (failed && failed->kind == failure_kind::signature) {
    const auto dropped = co_await drop_thoughts();
    if (!dropped)
      exchange_.has_no_thinking();
  }
  auto retry = failed ? here_.shared.retries.take() : policy::retry_budget::share{};
  auto next = failed ? exchange_.failed(*failed, retry.is_held()) : exchange_.answered();
  const auto keeps_lease = failed && next.what == action::attempt;
  if (!keeps_lease)
    extra_.give_back();
  else if (failed->kind != failure_kind::stale_connection)
    extra_ = std::move(retry);
  if (!keeps_lease)
    give_lease_back(std::move(failed));
  co_return next;
}

/// Whether the upstream has heard anything of the attempt that has just ended.
void forwarding::record_use() {
  auto& record = r_.record.attempts.back();
  record.sent = sent_ || upstream_ != nullptr || record.http_status != 0;
  if (record.sent)
    lease_.use();
}

void forwarding::give_lease_back(std::optional<attempt_failure> failed) {
  const auto tokens = used_tokens(failed);
  lease_.give_back(std::move(failed), r_.counts_tokens(), tokens, r_.record.attempts.back().slow);
}

void forwarding::end_attempt(const std::optional<attempt_failure>& failed) {
  auto& record = r_.record.attempts.back();
  const auto took = std::chrono::steady_clock::now() - attempt_began_;
  record.duration = to_ms(took);
  record.failed = failed;
  record.committed = exchange_.is_committed() || (!failed && !gone_);
  const auto name = channel_ != nullptr ? std::string_view{channel_->name} : std::string_view{};
  here_.counts.attempt_ended(name,
                             gone_    ? policy::to_text(request_end::client_gone)
                             : failed ? policy::to_text(failed->kind)
                                      : policy::to_text(request_end::ok),
                             took);
  if (failed && !gone_)
    log::warn("attempt.failed", {{"request", r_.record.id.text},
                                 {"channel", name},
                                 {"reason", policy::to_text(failed->kind)},
                                 {"http_status", failed->http_status},
                                 {"message", failed->message}});
  publish("request.attempt");
}

void forwarding::count_mended(const llm::mended_text& mended) const {
  const auto name = channel_ != nullptr ? std::string_view{channel_->name} : std::string_view{};
  here_.shared.measures.text_mended(name, mended.bytes + mended.surrogates);
}

void forwarding::publish(std::string_view type) const {
  if (here_.shared.events.is_watched())
    here_.shared.events.publish(type, to_json_text(r_.record));
}

void forwarding::append_decision(std::string& out) const {
  if (!here_.shared.settings.server.decision_headers)
    return;
  if (channel_ != nullptr)
    append_field(out, "x-axonhub-channel", channel_->name);
  append_field(out, "x-axonhub-attempts", std::uint64_t{r_.record.attempts.size()});
  if (!r_.trace.id.empty())
    append_field(out, "x-axonhub-trace-id", r_.trace.id.text);
  if (!r_.record.dropped.empty())
    append_field(out, "x-axonhub-dropped", joined(r_.record.dropped));
}

std::string forwarding::head_fields(bool with_upstream) const {
  auto out = std::string{};
  if (with_upstream) {
    out = forwarded_fields(reader_.head(), !is_converted());
    hide_credential(out);
  }
  append_decision(out);
  append_field(out, "x-axonhub-request-id", r_.record.id.text);
  if (!with_upstream || is_converted()) // else it has the upstream's
    append_field(out, request_id_field(r_.record.dialect), r_.record.id.text);
  return out;
}

task<void> forwarding::answer_error(step how) {
  auto& record = r_.record;
  record.status = exchange_.is_committed() ? request_status::partial : request_status::failed;
  const auto dialect = record.dialect;
  if (how.what == action::stop) {
    client_.break_off();
    co_return;
  }
  if (how.what == action::relay_error) {
    auto a = answer{.status = refusal_.status,
                    .content_type = std::move(refusal_.content_type),
                    .fields = std::move(refusal_.fields),
                    .body = std::move(refusal_.body)};
    if (refusal_.dialect != dialect) {
      auto said = llm::convert_error(dialect, a.status, a.body, record.id.text);
      a.status = said.status;
      a.content_type = "application/json";
      a.body = std::move(said.body);
    }
    record.http_status = static_cast<std::uint16_t>(a.status);
    if (how.retry_after && a.status >= 429 && !refusal_.has_retry_after)
      append_retry_after(a.fields, *how.retry_after);
    co_await client_.send(a);
    co_return;
  }
  record.error_message = how.message;
  if (how.what == action::error_event) {
    record.http_status = 200;
    const auto event =
        how.told ? llm::event_for(dialect, *how.told, record.id.text,
                                  stream_ ? stream_->next_number() : 0)
        : stream_
            ? stream_->fail(how.error, how.message, record.id.text, how.retry_after)
            : llm::error_event(dialect, how.error, how.message, record.id.text, 0, how.retry_after);
    const auto part = std::string_view{event};
    co_await client_.write_stream(std::span{&part, 1}, true);
    co_return;
  }
  auto a = error_answer(dialect, how.error, how.message, record.id.text);
  if (how.told) {
    auto said = llm::error_for(dialect, *how.told, record.id.text);
    a.status = said.status;
    a.body = std::move(said.body);
  }
  append_decision(a.fields);
  if (how.retry_after)
    append_retry_after(a.fields, *how.retry_after);
  record.http_status = static_cast<std::uint16_t>(a.status);
  co_await client_.send(a);
}

/// Served elsewhere only because the session's own channel cannot take such a request.
bool forwarding::is_visiting() const {
  if (r_.record.decisions.empty() || !r_.record.decisions.back().home)
    return false;
  const auto& made = r_.record.decisions.back();
  return std::ranges::any_of(made.refused, [&](const policy::refusal& r) {
    return r.channel == made.home->channel && (r.why == policy::reason::context_too_small ||
                                               r.why == policy::reason::capability_missing);
  });
}

/// What the session was bound to has been deleted.
bool forwarding::home_is_gone() const {
  return !r_.record.decisions.empty() && r_.record.decisions.back().home_is_gone;
}

void forwarding::finish() {
  auto& record = r_.record;
  if (stream_)
    record.tokens = stream_->seen();
  const auto* last = exchange_.past().empty() ? nullptr : &exchange_.past().back().failed;
  if (gone_) {
    record.status = request_status::cancelled;
    record.reason = policy::to_text(request_end::client_gone);
    record.http_status = exchange_.is_opened() ? 200 : 499;
  } else if (record.status == request_status::in_progress) {
    record.status = upstream_spoke_last_ ? request_status::partial : request_status::completed;
  }
  if (record.reason.empty())
    record.reason = record.status == request_status::completed ? policy::to_text(request_end::ok)
                    : !record.attempts.empty() && record.attempts.back().failed
                        ? policy::to_text(record.attempts.back().failed->kind)
                        : policy::to_text(request_end::no_channel);
  if (record.error_type.empty() && last != nullptr && record.status != request_status::completed) {
    record.error_type = last->type;
    if (!last->message.empty())
      record.error_message = last->message;
  }
  const auto added = std::chrono::steady_clock::now() - r_.started.steady - waited_;
  record.overhead = to_ms(added);
  auto outcome = policy::request_outcome{.request = record.id, .tokens = record.tokens};
  outcome.visiting = is_visiting();
  outcome.aside = outcome.visiting && !record.needs.server_tools.empty() && !record.needs.images;
  outcome.caches_unasked = spoken_ != llm::dialect::anthropic;
  outcome.completed = record.status == request_status::completed && !r_.counts_tokens();
  outcome.served = exchange_.current();
  outcome.foreign_thinking = std::ranges::any_of(record.attempts, [](const auto& a) {
    return a.failed && a.failed->kind == failure_kind::signature;
  });
  outcome.home_is_gone = home_is_gone();
  const auto outcome_binds = outcome.completed && !r_.trace.id.empty() && outcome.served &&
                             outcome.served->why == policy::reason::preferred;
  if (trace_)
    tell(trace_, atom::finish_v, std::move(outcome));
  auto& ended = client_.ended();
  ended.channel = channel_ != nullptr ? channel_->name : std::string{};
  ended.outcome = record.status;
  ended.tokens = record.tokens;
  ended.http_status = record.http_status;
  ended.added = added;
  ended.first_byte = record.first_event;
  if (record.moved && record.status == request_status::completed)
    here_.shared.measures.session_moved(ended.channel);
  if (outcome_binds)
    here_.shared.measures.session_bound(ended.channel);
  live_.reset();
  conclude(r_);
}

} // namespace axonhub::net
