#include "policy/channel_traits.hpp"

#include <algorithm>

#include "policy/channel_types.hpp"
#include "policy/channel_url.hpp"
#include "policy/model_facts.hpp"

namespace axonhub::policy {
namespace {

template <class T>
void overrule(T& preset, const std::optional<T>& said) {
  if (said)
    preset = *said;
}

/// The type's traits at the channel's own address.
llm::upstream_traits preset_of(const channel_type& type, std::string_view base_url) {
  const auto own = host_of(type.default_base_url);
  const auto is_elsewhere = !base_url.empty() && !host_of(base_url).ends_with(own);
  return is_elsewhere && type.compatible != nullptr ? *type.compatible : type.traits;
}

std::optional<std::uint64_t> preset_limit(const channel_type& type, const std::string& model) {
  const auto row = std::ranges::find(type.output_limits, model, &output_limit::model);
  return row == type.output_limits.end() ? std::nullopt : std::optional{row->tokens};
}

void apply(const model_facts& facts, llm::upstream_traits& traits) {
  overrule(traits.reasons, facts.reasons);
  overrule(traits.efforts, facts.efforts);
  overrule(traits.sampling, facts.sampling);
  overrule(traits.json_schema, facts.json_schema);
  overrule(traits.adaptive_thinking, facts.adaptive_thinking);
  overrule(traits.off, facts.off);
  overrule(traits.shows_thoughts, facts.shows_thoughts);
  overrule(traits.forced_tools, facts.forced_tools);
  overrule(traits.thinks_when_forced, facts.thinks_when_forced);
  overrule(traits.sampling_pair, facts.sampling_pair);
  overrule(traits.stops, facts.stops);
  overrule(traits.verbosity, facts.verbosity);
  traits.effort_beside_tools = traits.effort_beside_tools || !facts.needs_responses;
  if (!traits.max_output_tokens)
    traits.max_output_tokens = facts.max_output_tokens;
}

} // namespace

capability_finder::capability_finder(const std::vector<model_capability>& rows) {
  for (const auto& r : rows)
    rows_.push_back({.says = &r, .pattern = name_pattern{r.model}});
}

const model_capability* capability_finder::find(const std::string& model) const {
  const auto name_of = [](const row& r) -> const std::string& { return r.says->model; };
  auto found = std::ranges::find(rows_, model, name_of);
  if (found == rows_.end())
    found = std::ranges::find_if(rows_, [&](const row& r) { return r.pattern.fits(model); });
  return found == rows_.end() ? nullptr : found->says;
}

capability capability_of(const channel& c, const std::string& upstream_model) {
  return capability_of(c, capability_finder{c.model_capabilities}.find(upstream_model));
}

capability capability_of(const channel& c, const model_capability* row) {
  const auto* type = find_channel_type(c.type);
  auto can = capability{};
  can.images = type == nullptr || type->traits.images;
  can.speaks = dialect_of(c);
  can.all_server_tools = type == nullptr || type->server_tools;
  if (row == nullptr)
    return can;
  can.max_context_tokens = row->max_context_tokens;
  overrule(can.images, row->images);
  if (row->server_tools) {
    can.all_server_tools = false;
    can.server_tools = *row->server_tools;
  }
  return can;
}

llm::dialect dialect_of(const channel& c) {
  const auto* type = find_channel_type(c.type);
  return type == nullptr ? llm::dialect::anthropic : type->traits.speaks;
}

llm::upstream_traits traits_of(const channel& c, const std::string& upstream_model) {
  return traits_of(c, upstream_model, capability_finder{c.model_capabilities}.find(upstream_model));
}

llm::upstream_traits traits_of(const channel& c, const std::string& upstream_model,
                               const model_capability* row) {
  const auto* type = find_channel_type(c.type);
  auto traits = llm::upstream_traits{};
  if (type != nullptr) {
    traits = preset_of(*type, c.base_url);
    traits.max_output_tokens = preset_limit(*type, upstream_model);
  }
  apply(facts_of_model(upstream_model), traits);
  const auto& said = c.compatibility;
  overrule(traits.billing, said.billing_line);
  overrule(traits.output_limit, said.max_tokens_field);
  overrule(traits.reasoning, said.reasoning);
  overrule(traits.default_max_tokens, said.default_max_tokens);
  overrule(traits.files, said.files);
  overrule(traits.reasons, said.reasoning_effort);
  overrule(traits.adaptive_thinking, said.adaptive_thinking);
  overrule(traits.developer_role, said.developer_role);
  overrule(traits.late_system, said.late_system);
  overrule(traits.text_parts, said.text_parts);
  overrule(traits.stream_options, said.stream_options);
  overrule(traits.parallel_tool_calls, said.parallel_tool_calls);
  overrule(traits.strict_tools, said.strict_tools);
  overrule(traits.json_schema, said.json_schema);
  overrule(traits.cache_control, said.cache_control);
  overrule(traits.thinking_switch, said.thinking_switch);
  traits.images = capability_of(c, row).images;
  if (row != nullptr) {
    overrule(traits.reasons, row->reasoning_effort);
    overrule(traits.adaptive_thinking, row->adaptive_thinking);
    if (row->max_output_tokens)
      traits.max_output_tokens = row->max_output_tokens;
  }
  return traits;
}

} // namespace axonhub::policy
