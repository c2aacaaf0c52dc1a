#include <algorithm>
#include <utility>

#include "base/json_text.hpp"
#include "base/random.hpp"
#include "llm/clean_request.hpp"
#include "llm/convert_request.hpp"
#include "llm/token_estimate.hpp"
#include "net/forwarding.hpp"
#include "net/offload.hpp"
#include "policy/channel_traits.hpp"
#include "policy/fitting.hpp"

/// What one attempt sends: the client's body as it is, with small cuts, or in another dialect.
namespace axonhub::net {
namespace {

using policy::attempt_failure;
using policy::failure_kind;

std::string make_answer_id(llm::dialect d) {
  switch (d) {
    case llm::dialect::anthropic:
      return make_id("msg_");
    case llm::dialect::openai_chat:
      return make_id("chatcmpl-");
    case llm::dialect::openai_responses:
      return make_id("resp_");
  }
  return {};
}

/// Whose tokens a model counts in, as far as its name tells.
llm::tokenizer_family family_of(std::string_view model) {
  return model.find("claude") != std::string_view::npos ? llm::tokenizer_family::claude
                                                        : llm::tokenizer_family::openai;
}

} // namespace

task<std::optional<attempt_failure>> forwarding::prepare_request() {
  const auto& lease = lease_.what();
  auto traits = world_->catalog->traits_of(lease.channel, lease.upstream_model);
  std::string{}.swap(converted_);
  converted_memory_.give_back();
  memory_.reset();
  r_.record.dropped.clear();
  if (is_converted()) {
    fit_answer(traits);
    traits.thoughts = !without_thoughts_;
    co_return co_await convert_request(traits);
  }
  cut_peek_.reset();
  const auto judges = traits.is_anthropic || spoken_ == llm::dialect::openai_responses;
  if (judges && world_->catalog->has_other_dialects())
    co_await cut_foreign_thoughts();
  const auto& text = cut_peek_ ? converted_ : r_.body;
  const auto& peek = cut_peek_ ? *cut_peek_ : r_.peek;
  sending_ = outgoing_body{text};
  if (lease_.what().upstream_model != peek.model) {
    auto name = std::string{};
    append_json_string(name, lease_.what().upstream_model);
    sending_.replace(peek.model_value, std::move(name));
  }
  if (traits.max_output_tokens && peek.max_tokens.value_or(0) > *traits.max_output_tokens)
    sending_.replace(peek.max_tokens_value, std::to_string(*traits.max_output_tokens));
  if (spoken_ == llm::dialect::anthropic && traits.billing == llm::billing_line::drop) {
    const auto find = [&text] { return llm::find_billing_line(text); };
    const auto line = co_await in_time(here_, chore::request, text.size(), find);
    if (line)
      sending_.replace(*line, {});
  }
  co_return std::nullopt;
}

/// Where the prompt was counted and the window is known, the answer asks for no more than what is
/// left of it. In its own dialect a client reads the upstream's exact words about that instead.
void forwarding::fit_answer(llm::upstream_traits& traits) const {
  const auto& lease = lease_.what();
  if (!has_counted_)
    return;
  const auto& candidates = r_.record.decisions.back().plan->plan.candidates;
  const auto to = std::ranges::find_if(candidates, [&](const policy::candidate& c) {
    return c.channel == lease.channel && c.upstream_model == lease.upstream_model;
  });
  if (to == candidates.end() || !to->can.max_context_tokens)
    return;
  if (const auto room =
          policy::room_for_answer(*to->can.max_context_tokens, r_.record.needs.tokens))
    traits.max_output_tokens = std::min(traits.max_output_tokens.value_or(*room), *room);
}

/// Whether the body may hold thoughts that a channel of another dialect has made, where this
/// session was before: their upstream refuses them.
bool forwarding::may_hold_foreign_thoughts() const {
  return spoken_ == llm::dialect::anthropic ? llm::may_hold_unsigned_thoughts(r_.body)
                                            : llm::may_hold_carried_reasoning(r_.body);
}

/// Leaves those out of what is sent. The client's own text stays, for other channels need them.
task<void> forwarding::cut_foreign_thoughts() {
  const auto size = r_.body.size();
  if (!is_long(to_scan(size)) && !may_hold_foreign_thoughts())
    co_return;
  auto cut = co_await in_time(here_, chore::request, size, [this] {
    return may_hold_foreign_thoughts() ? without_thoughts(llm::foreign_thoughts::unsigned_ones)
                                       : std::nullopt;
  });
  if (!cut)
    co_return;
  converted_ = std::move(cut->text);
  cut_peek_ = std::make_unique<llm::request_peek>(std::move(cut->peek));
}

/// The upstream refused a thought's signature: another account may have made it. False when the
/// request holds no thought.
task<bool> forwarding::drop_thoughts() {
  if (is_converted())
    co_return without_thoughts_ = converted_thoughts_;
  const auto cut = [this] { return without_thoughts(llm::foreign_thoughts::all); };
  auto cleaned = co_await in_time(here_, chore::request, r_.body.size(), cut);
  if (!cleaned)
    co_return false;
  r_.body = std::move(cleaned->text);
  r_.peek = std::move(cleaned->peek);
  co_return true;
}

/// The request without these thoughts, and where its parts are then; nullopt where it has none.
std::optional<forwarding::peeked_text> forwarding::without_thoughts(
    llm::foreign_thoughts which) const {
  auto text = spoken_ == llm::dialect::anthropic ? llm::without_thoughts(r_.body, which)
                                                 : llm::without_reasoning(r_.body, which);
  if (!text)
    return std::nullopt;
  auto peek = llm::peek_request(*text);
  if (!peek) // cannot be: it was made from one that could be read
    return std::nullopt;
  return peeked_text{*std::move(text), *std::move(peek)};
}

task<std::optional<attempt_failure>> forwarding::convert_request(const llm::upstream_traits& to) {
  const auto who = llm::request_identity{
      .upstream_model = lease_.what().upstream_model,
      .client_model = r_.peek.model,
      .answer_id = make_answer_id(r_.record.dialect),
      .created =
          std::chrono::duration_cast<std::chrono::seconds>(r_.started.wall.time_since_epoch())
              .count(),
      .end_user = derive_id("u", r_.record.key.text),
      .cache_key = to.prompt_cache_key ? std::string{r_.trace.id.text} : std::string{}};
  converted_memory_.add(here_.shared.body_bytes, 2 * r_.body.size());
  auto made = co_await in_time(here_, chore::request, r_.body.size(), [&] {
    return llm::convert_request(r_.record.dialect, r_.body, to, who);
  });
  if (!made)
    co_return attempt_failure{.kind = failure_kind::unconvertible, .message = made.error().message};
  converted_ = std::move(made->body);
  memory_ = std::move(made->memory);
  r_.record.dropped = std::move(made->dropped);
  converted_thoughts_ = made->holds_thoughts;
  sending_ = outgoing_body{converted_};
  co_return std::nullopt;
}

/// Answers a count that the channel's provider cannot make.
task<std::optional<attempt_failure>> forwarding::answer_estimate() {
  const auto family = family_of(lease_.what().upstream_model);
  const auto tokens = co_await in_time(here_, chore::request, 8 * r_.body.size(), [&] {
    return llm::estimate_request_tokens(r_.record.dialect, r_.body, family);
  });
  commit();
  auto a = answer{.fields = head_fields(false), .body = llm::to_count_answer(tokens)};
  append_field(a.fields, "x-axonhub-estimated", "true");
  r_.record.http_status = 200;
  if (!co_await client_.send(a))
    gone_ = true;
  co_return std::nullopt;
}

} // namespace axonhub::net
