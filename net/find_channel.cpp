#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/world.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "llm/images.hpp"
#include "llm/token_estimate.hpp"
#include "net/ask.hpp"
#include "net/forwarding.hpp"
#include "net/offload.hpp"
#include "policy/affinity.hpp"

/// The routing half of forwarding: who takes the next attempt.
namespace axonhub::net {
namespace {

using policy::action;
using policy::failure_kind;

// A request may wait in one channel's queue, and then in another's.
constexpr auto decision_deadline = std::chrono::seconds{5} + 2 * policy::longest_queue_timeout;
constexpr auto bytes_per_token = std::size_t{4};

} // namespace

/// What the request needs, as exactly as the candidates' limits ask for: its tokens are guessed
/// from its size unless they may be too many for somebody (there are never more than bytes).
task<void> forwarding::find_needs(const ready_plan& plan) {
  auto& known = r_.record.needs;
  if (known.tokens == 0) {
    known.dialect = r_.record.dialect;
    known.tokens = r_.body.size() / bytes_per_token + 1;
    std::ranges::remove_copy_if(r_.peek.server_tools, std::back_inserter(known.server_tools),
                                policy::runs_at_the_client);
  }
  if (plan.lacks_images) {
    const auto look = [this] { return llm::holds_images(r_.body); };
    known.images = co_await in_time(here_, chore::request, r_.body.size(), look);
  }
  if (has_counted_ || !plan.smallest_context || r_.body.size() <= *plan.smallest_context)
    co_return;
  has_counted_ = true;
  known.tokens = co_await in_time(here_, chore::request, 8 * r_.body.size(), [this] {
    return llm::estimate_request_tokens(r_.record.dialect, r_.body, llm::tokenizer_family::claude);
  });
}

/// What the trace is to be asked now.
actors::route_request forwarding::next_question(const ready_plan& plan,
                                                std::vector<policy::refusal>& unfit) {
  auto wanted = actors::route_request{.request = r_.record.id,
                                      .candidates = plan.candidates,
                                      .failed = {},
                                      .dice = random_bits(),
                                      .key = r_.record.key,
                                      .tokens = r_.record.needs.tokens,
                                      .model = plan.model,
                                      .counts_tokens = r_.counts_tokens()};
  auto& made = r_.record.decisions.back();
  made.plan = plan.what;
  made.seed = r_.trace.id.empty() ? wanted.dice : policy::order_seed(r_.trace.id.text);
  const auto& needs = r_.record.needs;
  if (plan.has_limits || (plan.mixes_dialects && !needs.server_tools.empty())) {
    auto suited = actors::fitting_candidates(plan.candidates, needs);
    wanted.candidates = std::move(suited.candidates);
    unfit = std::move(suited.refused);
  }
  for (const auto& p : exchange_.past())
    wanted.failed.push_back(
        {p.used.channel, p.used.credential, p.failed.kind, p.used.upstream_model});
  wanted.failed.insert(wanted.failed.end(), avoided_.begin(), avoided_.end());
  return wanted;
}

task<result<actors::trace_actor>> forwarding::find_trace(bool may_be_old) {
  if (r_.trace.id.empty())
    co_return world_->nameless[here_.index % world_->nameless.size()];
  auto& known = client_.known_caller();
  if (known.trace() && may_be_old)
    co_return known.trace();
  auto found = co_await ask<actors::trace_actor>(world_->directory_of(r_.trace.id),
                                                 decision_deadline, atom::find_v, r_.trace);
  if (found)
    known.remember(*found);
  co_return found;
}

task<policy::step> forwarding::route() {
  channel_ = nullptr;
  world_ = here_.world();
  auto& made = r_.record.decisions.emplace_back();
  made.active = here_.shared.retries.active();
  made.extra = here_.shared.retries.extra();
  if (!world_) // the process ends
    co_return exchange_.refused({});
  const auto plan = plan_of(r_, *world_); // what the operator has changed meanwhile counts
  co_await find_needs(*plan);
  auto wanted = next_question(*plan, made.refused);
  asked_ = wanted.candidates;
  // A trace that ends just now has a successor: ask for it once more.
  for (auto tries = 0; tries < 2; ++tries) {
    auto trace = co_await find_trace(tries == 0);
    if (!trace)
      continue;
    trace_ = *trace; // it hears how the request ends, also where its answer comes too late
    auto answered =
        co_await ask<actors::route_answer>(trace_, decision_deadline, atom::route_v, wanted);
    if (!answered)
      continue;
    asked_.reset();
    co_return take_lease(*answered);
  }
  asked_.reset();
  log::error("route.failed", {{"request", r_.record.id.text}});
  co_return exchange_.refused({});
}

/// What leaving the session's channel costs, where the prices are known.
std::optional<policy::decimal> forwarding::leaving_cost(const policy::decision& made) const {
  if (made.tokens_left == 0 || !made.home || !made.granted)
    return std::nullopt;
  const auto& prices = world_->catalog->prices();
  const auto prompt = r_.record.needs.tokens;
  const auto price = [&](const std::string& model, const channel_id& channel) {
    return prices.find(model, channel, r_.started.wall, prompt);
  };
  const auto& candidates = made.plan->plan.candidates;
  const auto home = std::ranges::find(candidates, made.home->channel, &policy::candidate::channel);
  const auto& there_named = made.granted->upstream_model;
  const auto here =
      price(home != candidates.end() ? home->upstream_model : there_named, made.home->channel);
  const auto there = price(there_named, made.granted->channel);
  if (!here || !there)
    return std::nullopt;
  return policy::cost_of_leaving(made.tokens_left, *here.rates, *there.rates);
}

policy::step forwarding::take_lease(actors::route_answer& said) {
  r_.record.moved = said.moved;
  auto& made = r_.record.decisions.back();
  const auto is_home = said.home && said.granted && said.home->channel == said.granted->channel &&
                       said.home->credential == said.granted->credential;
  made.home_is_gone = said.home && !is_home && !policy::exists(*said.home, world_->catalog->data());
  if (made.home_is_gone) {
    said.home.reset();
    said.warm_tokens_left = 0;
    r_.record.moved = false;
  }
  made.home = std::move(said.home);
  made.tokens_left = said.warm_tokens_left;
  made.loads = std::move(said.loads);
  made.refused.insert(made.refused.end(), said.refused.begin(), said.refused.end());
  if (!said.granted)
    return exchange_.refused(made.refused);
  made.granted = *said.granted;
  made.leaving_cost = leaving_cost(made);
  lease_.take(*std::move(said.granted), said.actor);
  return spend_retry(*made.granted, said.may_hold_foreign_thinking);
}

/// A lease on a channel in trouble is used only with a share of the retry budget, where the
/// exchange says so.
policy::step forwarding::spend_retry(const policy::lease& granted, bool may_drop_thinking) {
  if (!exchange_.needs_leave(granted))
    return exchange_.leased(granted, may_drop_thinking);
  extra_ = here_.shared.retries.take();
  if (extra_.is_held())
    return exchange_.leased(granted, may_drop_thinking);
  avoided_.push_back({granted.channel, granted.credential, failure_kind::connect,
                      granted.upstream_model}); // one in good health may be left
  auto& made = r_.record.decisions.back();
  made.refused.push_back({.channel = granted.channel,
                          .why = policy::reason::retry_budget,
                          .by_health = true,
                          .fallback = granted.fallback});
  made.granted.reset();
  lease_.give_back();
  return {.what = action::route};
}

} // namespace axonhub::net
