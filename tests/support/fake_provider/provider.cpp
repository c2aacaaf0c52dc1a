#include "tests/support/fake_provider/provider.hpp"

#include <algorithm>

namespace axonhub::fake {

namespace {

constexpr auto anthropic_models = std::string_view{
    R"({"data":[{"type":"model","id":"claude-opus-5-5","display_name":"Claude Opus 5.5",)"
    R"("created_at":"2026-09-01T00:00:00Z"},{"type":"model","id":"claude-sonnet-5-5",)"
    R"("display_name":"Claude Sonnet 5.5","created_at":"2026-09-01T00:00:00Z"},)"
    R"({"type":"model","id":"claude-tools","display_name":"Claude with tools",)"
    R"("created_at":"2026-09-01T00:00:00Z"}],"has_more":false,"first_id":"claude-opus-5-5",)"
    R"("last_id":"claude-tools"})"};

constexpr auto openai_models = std::string_view{
    R"({"object":"list","data":[{"id":"gpt-5.5","object":"model","created":1795330000,)"
    R"("owned_by":"fake"},{"id":"gpt-tools","object":"model","created":1795330000,)"
    R"("owned_by":"fake"}]})"};

bool speaks_anthropic(const request_head& head) {
  return !head.header("anthropic-version").empty() || !head.header("x-api-key").empty();
}

answer plain(std::uint32_t status, const std::string& body) {
  return {.bytes = whole_answer(status, "application/json", body)};
}

} // namespace

std::optional<fault> provider::standing_fault(const request_head& head) const {
  if (set_.wrong && head.path().find(set_.path) != std::string_view::npos)
    return set_.wrong;
  return std::nullopt;
}

fault provider::choose_fault(const request_head& head, std::string_view model) {
  if (const auto standing = standing_fault(head)) {
    if (set_.left == 0)
      return *standing;
    if (--set_.left == 0)
      set_.wrong.reset();
    return *standing;
  }
  for (const auto text : {head.credential(), model})
    if (const auto named = find_fault(text))
      if (named->times == 0 || ++met_[std::string{text}] <= named->times)
        return *named;
  return {};
}

std::optional<answer> provider::refuse_at_head(const request_head& head, std::uint64_t connection) {
  const auto refuses = [](const std::optional<fault>& f) {
    return f && f->times == 0 && (f->kind == fault_kind::reset || f->kind == fault_kind::close);
  };
  if (!refuses(standing_fault(head)) && !refuses(find_fault(head.credential())))
    return std::nullopt;
  const auto wrong = choose_fault(head, {});
  seen.add(head, {}, {}, connection);
  return answer{.end = wrong.kind == fault_kind::reset ? ending::reset : ending::close};
}

usage provider::count_tokens(const call& c) {
  auto u =
      usage{.input = c.prompt_tokens,
            .output = std::max<std::size_t>(1, set_.shape.deltas * set_.shape.delta_bytes / 4)};
  if (c.conversation.empty())
    return u;
  constexpr auto most_conversations = std::size_t{100'000};
  if (cached_.size() > most_conversations)
    cached_.clear();
  auto& known = cached_[c.conversation];
  u.input = std::min<std::size_t>(3, c.prompt_tokens);
  u.cache_read = std::min(known, c.prompt_tokens - u.input);
  u.cache_write = c.prompt_tokens - u.input - u.cache_read;
  known = c.prompt_tokens - u.input;
  return u;
}

answer provider::respond(const request& r) {
  auto c = read_call(r.head, r.body, r.capacity);
  if (!set_.tool.empty() && !c.tool.empty()) {
    c.tool = set_.tool;
    c.tool_inputs = set_.tool_inputs;
  }
  seen.add(r.head, r.body, c.model, r.connection);
  if (c.endpoint == api::none)
    return plain(404, error_body(api::messages, 404, {}));
  if (c.endpoint == api::probe)
    return {.bytes = whole_answer(200, "application/json", "", {}, true)};
  if (r.head.credential().empty())
    return plain(401, error_body(c.endpoint, 401, {}));
  const auto wrong = choose_fault(r.head, c.model);
  if (wrong.kind == fault_kind::stale && r.number > 1)
    return {.end = ending::close};
  auto order = answer_order{
      .what = {.asked = c,
               .shape = set_.shape,
               .id = name_ + '_' + std::to_string(c.prompt_tokens)},
      .wrong = wrong,
      .delay = wrong.kind == fault_kind::slow_first ? milliseconds{wrong.number} : set_.delay,
      .pace = wrong.kind == fault_kind::paced ? milliseconds{wrong.number} : set_.interval,
      .extra_headers = set_.extra_headers};
  if (c.endpoint == api::models)
    return build_json_answer(
        order, std::string{speaks_anthropic(r.head) ? anthropic_models : openai_models});
  if (c.endpoint == api::oauth_usage)
    return set_.oauth_usage.empty() ? plain(404, error_body(api::messages, 404, {}))
                                    : build_json_answer(order, set_.oauth_usage);
  if (!c.is_json || c.model.empty())
    return plain(400, error_body(c.endpoint, 400, "model: Field required"));
  if (c.endpoint == api::count_tokens)
    return build_json_answer(order, "{\"input_tokens\":" + std::to_string(c.prompt_tokens) + '}');
  order.what.tokens = count_tokens(c);
  return build_answer(order);
}

} // namespace axonhub::fake
