#include "net/key_limits.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "llm/token_estimate.hpp"
#include "net/ask.hpp"
#include "net/client_request.hpp"
#include "net/offload.hpp"

namespace axonhub::net {
namespace {

using llm::client_error;
using policy::key_reason;
using policy::request_status;

constexpr auto reserve_deadline = std::chrono::seconds{5};

policy::key_request request_of(const client_request& r, const actors::world& w,
                               std::uint64_t tokens) {
  auto asked = policy::key_request{};
  asked.prompt_tokens = tokens;
  asked.most_output = r.peek.max_tokens;
  asked.counts_tokens = r.counts_tokens();
  const auto dearest = policy::dearest_rates(plan_of(r, w)->what->plan, w.catalog->prices(),
                                             r.started.wall, asked.prompt_tokens);
  if (dearest) {
    asked.input_price = dearest->input;
    asked.output_price = dearest->output;
  }
  return asked;
}

client_error error_of(key_reason why) {
  switch (why) {
    case key_reason::budget_exhausted:
    case key_reason::quota_exhausted:
      return client_error::billing;
    case key_reason::key_limits_unknown:
      return client_error::overloaded;
    default:
      return client_error::rate_limited;
  }
}

task<bool> refuse(client_request& r, const policy::key_refusal& why) {
  auto& record = r.record;
  const auto e = error_of(why.why);
  auto a = error_answer(record.dialect, e, why.message, record.id.text);
  if (why.wait)
    append_field(a.fields, "retry-after",
                 static_cast<std::uint64_t>(std::max<std::int64_t>(
                     std::chrono::ceil<std::chrono::seconds>(*why.wait).count(), 1)));
  record.status = request_status::failed;
  record.http_status = static_cast<std::uint16_t>(a.status);
  record.reason = policy::to_text(why.why);
  record.error_message = why.message;
  co_await r.from.send(a);
  r.from.ended().outcome = record.status;
  conclude(r);
  co_return false;
}

bool was_asked(const policy::request_record& record) {
  return std::ranges::any_of(record.attempts, [&](const policy::attempt_record& a) {
    return a.http_status != 0 || a.committed ||
           (a.sent && record.status == request_status::cancelled);
  });
}

/// Whether what was sent last may have used tokens that nobody has told of.
bool may_have_answered(const policy::request_record& record) {
  const auto& last = record.attempts.back();
  return last.committed || (last.sent && last.http_status < 300);
}

} // namespace

void held_budget::take(std::uint64_t number, actors::key_budget_actor from) {
  settle({});
  number_ = number;
  owner_ = std::move(from);
}

void held_budget::settle(const policy::key_use& used) {
  if (const auto owner = std::exchange(owner_, {}))
    tell(owner, atom::settle_v, number_, used);
}

bool has_limits(const client_request& r) {
  const auto& world = r.from.owner().world();
  return world && !world->budgets.empty() && world->budgets.contains(r.key->id);
}

task<bool> reserve(client_request& r) {
  const auto prompt = co_await in_time(r.from.owner(), chore::request, 8 * r.body.size(), [&r] {
    return llm::estimate_request_tokens(r.record.dialect, r.body, llm::tokenizer_family::claude);
  });
  for (auto tries = 0; tries < 2; ++tries) { // an actor that has just died has a successor
    const auto world = r.from.owner().world();
    if (!world)
      break;
    const auto limits = world->budgets.find(r.key->id);
    if (limits == world->budgets.end())
      co_return true;
    const auto number = random_bits();
    r.budget.take(number, limits->second); // before the answer, which may get lost
    auto said = co_await ask<actors::key_answer>(limits->second, reserve_deadline, atom::reserve_v,
                                                 number, request_of(r, *world, prompt));
    if (!said)
      continue;
    if (!said->refused)
      co_return true;
    co_return co_await refuse(r, *said->refused);
  }
  log::error("budget.failed", {{"request", r.record.id.text}, {"key", r.key->id.text}});
  co_return co_await refuse(
      r, {.why = key_reason::key_limits_unknown,
          .wait = std::chrono::seconds{1},
          .message = "The limits of this key could not be checked: try again in a second"});
}

policy::key_use use_of(const policy::request_record& record) {
  auto used = policy::key_use{};
  used.asked_upstream = was_asked(record);
  if (!used.asked_upstream)
    return used;
  const auto& tokens = record.tokens;
  const auto refused = record.status == request_status::failed ||
                       (record.status == request_status::cancelled && !may_have_answered(record));
  used.cut = (record.status == request_status::cancelled && !record.drained && !refused) ||
             record.status == request_status::partial;
  if (tokens.seen || refused)
    used.tokens = tokens.prompt() + tokens.output;
  used.output = tokens.output;
  if (record.cost)
    used.cost = record.cost->total();
  return used;
}

std::optional<policy::cost> cost_of(const policy::request_record& record,
                                    const policy::price_book& prices) {
  if (!record.tokens.seen || record.counts_tokens || record.attempts.empty())
    return std::nullopt;
  const auto& last = record.attempts.back();
  for (const auto* model : {&last.upstream_model, &record.mapped_model})
    if (const auto known = prices.find(*model, last.channel, record.at, record.tokens.prompt())) {
      auto made = policy::cost_of(record.tokens, *known.rates);
      made.price_version = *known.version;
      return made;
    }
  return std::nullopt;
}

} // namespace axonhub::net
