#include "tests/simulation/channel.hpp"

#include <utility>

namespace axonhub::simulation {

using policy::acquire_answer;
using policy::acquire_request;

channel::channel(const channel_script& script, const scenario& s, virtual_clock& clock,
                 std::mt19937_64& dice)
    : script_(script),
      planted_(s.planted),
      clock_(clock),
      dice_(dice),
      health_(script.what.channel, s.health) {}

acquire_answer channel::refuse(policy::gate_refusal why) const {
  const auto full = why.why == policy::gate_reason::concurrency;
  return {.granted = {},
          .refused = {.channel = script_.what.channel,
                      .why = full ? policy::reason::full : policy::reason::rate_limit,
                      .wait = why.wait}};
}

acquire_answer channel::acquire_now(const acquire_request& wanted) {
  const auto now = clock_.now();
  if (script_.limits.rate.any())
    if (const auto closed = gate_.check(script_.limits.rate, now.steady)) {
      auto unwell = health_.would_refuse(wanted, script_.credentials, now);
      return unwell ? acquire_answer{.granted = {}, .refused = *std::move(unwell)}
                    : refuse(*closed);
    }
  auto answer = health_.acquire(wanted, script_.credentials, now);
  if (answer.granted)
    gate_.enter(answer.granted->number, wanted.tokens, now.steady);
  return answer;
}

bool channel::may_wait(const acquire_request& wanted, const policy::refusal& why) const {
  return wanted.may_wait &&
         (why.why == policy::reason::full || why.why == policy::reason::rate_limit) &&
         why.wait <= script_.limits.queue_timeout;
}

bool channel::has_room(const key_id& key) {
  if (queue_.size() < script_.limits.queue_size)
    return true;
  auto displaced = queue_.displace(key);
  if (!displaced)
    return false;
  deliver(*std::move(displaced), refuse({policy::gate_reason::concurrency}));
  return true;
}

void channel::acquire(const acquire_request& wanted, answer to) {
  serve_queue();
  auto said = acquire_answer{};
  if (queue_.empty())
    said = acquire_now(wanted);
  else if (auto unwell = health_.would_refuse(wanted, script_.credentials, clock_.now()))
    said.refused = *std::move(unwell);
  else
    said = refuse({policy::gate_reason::concurrency});
  const auto key = planted_ == plant::first_come ? key_id{} : wanted.key;
  if (said.granted || !may_wait(wanted, said.refused) || !has_room(key))
    return to(said);
  const auto now = clock_.now().steady;
  queue_.push(key, {wanted, std::move(to), now + script_.limits.queue_timeout});
  wake_in_time(gate_.check(script_.limits.rate, now));
}

void channel::release(const policy::attempt_outcome& outcome) {
  const auto now = clock_.now();
  if (outcome.unused)
    gate_.withdraw(outcome.used.number);
  else
    gate_.leave(outcome.used.number, outcome.tokens, now.steady);
  const auto jitter = static_cast<double>(dice_() >> 11) * 0x1p-53;
  const auto effect = health_.release(outcome, script_.credentials, now, jitter);
  if (effect.benched && planted_ == plant::forgiving)
    health_.restore(*effect.benched, now.steady);
  serve_queue();
}

void channel::serve_queue() {
  if (queue_.empty())
    return;
  const auto now = clock_.now().steady;
  queue_.remove_if(
      [&](const waiting& w) { return w.until <= now; },
      [&](waiting w) { deliver(std::move(w), refuse({policy::gate_reason::concurrency})); });
  auto closed = std::optional<policy::gate_refusal>{};
  while (!queue_.empty()) {
    closed = gate_.check(script_.limits.rate, now);
    if (closed)
      break;
    auto next = *queue_.pop();
    auto said = acquire_now(next.wanted);
    deliver(std::move(next), std::move(said));
  }
  wake_in_time(closed);
}

// Like a message: whoever hears it may ask this channel again.
void channel::deliver(waiting to, policy::acquire_answer said) {
  clock_.after(milliseconds{0}, [to = std::move(to.to), said = std::move(said)] { to(said); });
}

void channel::wake_in_time(std::optional<policy::gate_refusal> closed) {
  if (queue_.empty())
    return;
  const auto now = clock_.now().steady;
  auto next = steady_time::max();
  queue_.for_each([&](const waiting& w) { next = std::min(next, w.until); });
  if (closed && closed->wait.count() > 0)
    next = std::min(next, now + closed->wait);
  if (wakes_at_ && *wakes_at_ <= next)
    return;
  wakes_at_ = next;
  clock_.after(std::max(std::chrono::ceil<milliseconds>(next - now), milliseconds{1}), [this] {
    if (wakes_at_ && *wakes_at_ <= clock_.now().steady)
      wakes_at_.reset();
    serve_queue();
  });
}

} // namespace axonhub::simulation
