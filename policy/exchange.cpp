#include "policy/exchange.hpp"

#include <algorithm>

namespace axonhub::policy {
namespace {

using llm::client_error;
using llm::event_kind;

/// To come again after, where nobody can say when.
constexpr auto soon = milliseconds{1000};

/// What a client is told about a failure that no upstream answer describes.
client_error author(failure_kind kind) {
  switch (kind) {
    case failure_kind::connect_timeout:
    case failure_kind::first_byte_timeout:
    case failure_kind::first_event_timeout:
    case failure_kind::total_timeout:
    case failure_kind::stall:
      return client_error::timeout;
    case failure_kind::stale_connection:
    case failure_kind::resolve:
    case failure_kind::connect:
    case failure_kind::reset:
    case failure_kind::tls:
    case failure_kind::overloaded:
      return client_error::overloaded;
    case failure_kind::rate_limited:
      return client_error::rate_limited;
    case failure_kind::billing:
      return client_error::unavailable;
    case failure_kind::model_not_found:
      return client_error::model_not_found;
    case failure_kind::client_error:
    case failure_kind::signature:
    case failure_kind::unconvertible:
      return client_error::invalid_request;
    default:
      return client_error::api_error;
  }
}

/// Whether the upstream's own answer is what the client should read. A status that speaks of the
/// client's key or account would be about the gateway's.
bool is_relayable(const attempt_failure& f) {
  return f.http_status >= 400 && f.http_status != 401 && f.http_status != 402 &&
         f.http_status != 403 && f.kind != failure_kind::unauthorized &&
         f.kind != failure_kind::billing;
}

/// Whether it is about the request, so that the client has to read the upstream's own words.
bool is_the_clients(failure_kind kind) {
  return kind == failure_kind::client_error || kind == failure_kind::signature ||
         kind == failure_kind::model_not_found;
}

/// Whether what went wrong is on the way to the upstream: its names and addresses are the
/// operator's.
bool is_on_the_way(failure_kind kind) {
  return kind == failure_kind::resolve || kind == failure_kind::address_refused ||
         kind == failure_kind::connect || kind == failure_kind::tls;
}

std::string describe(const attempt_failure& f) {
  if (f.kind == failure_kind::unconvertible)
    return f.message;
  if (f.kind == failure_kind::unauthorized || f.kind == failure_kind::billing)
    return "The upstream refused this gateway's credential; its operator can see why";
  if (is_on_the_way(f.kind))
    return "The upstream cannot be reached (" + std::string{to_text(f.kind)} +
           "); this gateway's operator can see why";
  auto text = "The upstream failed (" + std::string{to_text(f.kind)} + ")";
  if (!f.message.empty())
    text += ": " + f.message;
  return text;
}

bool waits_for_the_operator(const refusal& r) {
  return r.why == reason::no_credential || r.why == reason::credential_invalid;
}

bool waits_for_reset(const refusal& r) { return r.why == reason::credential_cooling; }

std::string list_refusals(const std::vector<refusal>& refusals) {
  auto text = std::string{};
  for (const auto& r : refusals)
    if (const auto code = to_text(r.why); text.find(code) == std::string::npos)
      text += (text.empty() ? "" : ", ") + std::string{code};
  return text;
}

} // namespace

step exchange::leased(const lease& granted, bool may_drop_thinking) {
  lease_ = granted;
  may_drop_thinking_ = may_drop_thinking && !has_dropped_thinking_;
  stale_here_ = 0;
  ++attempts_;
  return {.what = action::attempt};
}

step exchange::refused(const std::vector<refusal>& refusals) {
  return conclude(past_.empty() ? nullptr : &past_.back().failed, refusals);
}

/// Once in a request: an upstream that refuses what is left refuses something else.
bool exchange::may_drop_thinking(const attempt_failure& why) {
  if (why.kind != failure_kind::signature || !std::exchange(may_drop_thinking_, false))
    return false;
  return has_dropped_thinking_ = attempts_ < rules_.max_attempts;
}

bool exchange::may_retry_here(const attempt_failure& why, bool may_retry) const {
  if (why.kind == failure_kind::stale_connection)
    return stale_here_ <= 1;
  return may_retry && retries_here_ < rules_.retries_here && lease_->why != reason::last_resort &&
         rule_for(why.kind).retry_here &&
         why.retry_after.value_or(milliseconds{0}) <= rules_.longest_wait_here;
}

step exchange::failed(const attempt_failure& why, bool may_retry) {
  if (!lease_ || ended_)
    return {.what = action::stop};
  if (committed_ && !rules_.move_after_commit) {
    ended_ = true;
    auto out =
        step{.what = action::error_event, .error = author(why.kind), .message = describe(why)};
    if (why.kind == failure_kind::stream_error)
      out.told = why.told;
    return out;
  }
  held_.clear();
  if (may_drop_thinking(why)) {
    ++attempts_;
    return {.what = action::attempt, .without_thinking = true};
  }
  const auto stale = why.kind == failure_kind::stale_connection;
  stale_here_ += stale ? 1 : 0;
  if (why.kind == failure_kind::unconvertible)
    --attempts_; // nothing was sent
  if (!out_of_time_ && may_retry_here(why, may_retry) && attempts_ < rules_.max_attempts) {
    if (stale)
      return {.what = action::attempt, .fresh_connection = true};
    ++attempts_;
    ++retries_here_;
    return {.what = action::attempt, .wait = wait_before_retry(why), .fresh_connection = true};
  }
  past_.push_back({*lease_, why});
  lease_.reset();
  const auto rule = rule_for(why.kind);
  if (!out_of_time_ && (rule.next_channel || rule.other_credential) &&
      attempts_ < rules_.max_attempts)
    return {.what = action::route};
  return conclude(&past_.back().failed, {});
}

/// When it may be worth to come again: what is known of the soonest.
std::optional<milliseconds> exchange::shortest_wait(const std::vector<refusal>& refusals) const {
  auto shortest = std::optional<milliseconds>{};
  const auto consider = [&shortest](milliseconds wait) {
    if (wait.count() > 0 && (!shortest || wait < *shortest))
      shortest = wait;
  };
  for (const auto& r : refusals)
    consider(r.wait);
  for (const auto& p : past_)
    consider(p.failed.retry_after.value_or(milliseconds{0}));
  return shortest;
}

step exchange::conclude(const attempt_failure* last, const std::vector<refusal>& refusals) {
  ended_ = true;
  auto out = step{.what = opened_ ? action::error_event : action::own_error};
  if (last != nullptr) {
    if (is_relayable(*last) && !opened_)
      return {.what = action::relay_error, .retry_after = shortest_wait(refusals)};
    out.error = author(last->kind);
    out.message = describe(*last);
    if (is_the_clients(last->kind))
      out.told = last->told;
  } else if (!refusals.empty() && std::ranges::all_of(refusals, waits_for_reset)) {
    out.error = client_error::rate_limited;
    out.message = "Every credential for this model waits for its rate limit to reset";
  } else if (std::ranges::all_of(refusals, waits_for_the_operator)) {
    out.error = client_error::unavailable;
    out.message = refusals.empty()
                      ? "No channel for this model is enabled and allowed"
                      : "No channel for this model has a credential that its provider accepts";
  } else {
    out.error = client_error::overloaded;
    out.message = "No channel can take this request now (" + list_refusals(refusals) + ")";
  }
  if (!out.told)
    out.retry_after = shortest_wait(refusals);
  if (out.error == client_error::overloaded && !out.retry_after)
    out.retry_after = soon;
  return out;
}

verdict exchange::event(event_kind kind, std::string_view bytes) {
  if (!lease_ || ended_)
    return verdict::refuse;
  if (committed_)
    return verdict::pass;
  if (kind == event_kind::content || kind == event_kind::terminal) {
    committed_ = true;
    return verdict::commit;
  }
  // Pings keep nobody alive while they are held: they are the first to go.
  if (kind != event_kind::ping || held_.size() < rules_.ping_limit)
    held_ += bytes;
  return verdict::hold;
}

step exchange::answered() {
  if (!lease_ || ended_)
    return {.what = action::stop};
  committed_ = true;
  ended_ = true;
  return {.what = action::done};
}

/// What was told or a moment, and some more by chance, so that not all come back at once. Who could
/// not be reached is tried again at once: there is nobody to spare.
milliseconds exchange::wait_before_retry(const attempt_failure& why) {
  if (why.kind == failure_kind::connect || why.kind == failure_kind::reset)
    return milliseconds{0};
  constexpr auto least = milliseconds{20};
  constexpr auto spread = milliseconds{60};
  const auto told = why.retry_after.value_or(milliseconds{0});
  return told + least + milliseconds{static_cast<std::int64_t>(dice_ % (spread.count() + 1))};
}

} // namespace axonhub::policy
