#pragma once

#include "policy/entities.hpp"
#include "policy/price.hpp"
#include "store/codec.hpp"

/// How the entities that an operator configures are encoded. Append fields only at the end, with
/// since(); never reorder: the stores of earlier releases are read by these lists.
namespace axonhub::store {

template <>
inline constexpr auto last_of<policy::match_kind> = policy::match_kind::regex;
template <>
inline constexpr auto last_of<policy::client_gone> = policy::client_gone::drain;
template <>
inline constexpr auto last_of<policy::tag_match> = policy::tag_match::none;
template <>
inline constexpr auto last_of<policy::auth_scheme> = policy::auth_scheme::x_api_key;
template <>
inline constexpr auto last_of<policy::channel_status> = policy::channel_status::archived;

template <>
inline constexpr auto last_of<llm::billing_line> = llm::billing_line::drop;
template <>
inline constexpr auto last_of<llm::output_limit_field> = llm::output_limit_field::max_tokens;
template <>
inline constexpr auto last_of<llm::reasoning_form> = llm::reasoning_form::reasoning_details;
template <>
inline constexpr auto last_of<policy::budget_unit> = policy::budget_unit::usd;
template <>
inline constexpr auto last_of<policy::period_kind> = policy::period_kind::calendar_duration;
template <>
inline constexpr auto last_of<policy::period_unit> = policy::period_unit::month;

template <>
struct layout<policy::project> {
  static constexpr auto name = "projects";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.id, x.name, x.created_at, x.revision); }
};

template <>
struct layout<policy::gate_limits> {
  static auto fields(auto& x) { return list(x.max_concurrent, x.rpm, x.tpm); }
};

template <>
struct layout<policy::channel_limits> {
  static auto fields(auto& x) { return list(x.rate, x.queue_size, x.queue_timeout); }
};

template <>
struct layout<policy::period> {
  static auto fields(auto& x) { return list(x.kind, x.value, x.unit, x.time_zone); }
};

template <>
struct layout<policy::budget> {
  static auto fields(auto& x) { return list(x.counter, x.unit, x.amount, x.period, x.soft_at); }
};

template <>
struct layout<policy::profile_quota> {
  static auto fields(auto& x) {
    return list(x.counter, x.requests, x.total_tokens, x.cost, x.period);
  }
};

template <>
struct layout<policy::api_key> {
  static constexpr auto name = "api_keys";
  static constexpr std::uint8_t version = 4;
  static auto fields(auto& x) {
    return list(x.id, x.project, x.name, x.prefix, x.hash, x.previous_hash, x.previous_until,
                x.enabled, x.profile_ids, x.active_profile_id, x.labels, x.expires_at, x.created_at,
                x.revision, since(2, x.limits), since(3, x.budgets), since(4, x.on_client_gone));
  }
};

template <>
struct layout<policy::model_mapping> {
  static auto fields(auto& x) { return list(x.from, x.to, x.match, x.enabled); }
};

template <>
struct layout<policy::profile> {
  static constexpr auto name = "profiles";
  static constexpr std::uint8_t version = 2;
  static auto fields(auto& x) {
    return list(x.id, x.project, x.name, x.model_mappings, x.channel_ids, x.channel_tags,
                x.channel_tags_match, x.model_ids, x.created_at, x.revision, since(2, x.quota));
  }
};

template <>
struct layout<policy::name_mapping> {
  static auto fields(auto& x) { return list(x.from, x.to); }
};

template <>
struct layout<policy::channel_timeouts> {
  static auto fields(auto& x) {
    return list(x.connect, x.first_byte, x.first_event, x.max_silence, x.total);
  }
};

template <>
struct layout<policy::channel_test> {
  static auto fields(auto& x) { return list(x.at, x.ok, x.reason); }
};

template <>
struct layout<policy::model_capability> {
  static auto fields(auto& x) {
    return list(x.model, x.max_context_tokens, x.max_output_tokens, x.images, x.server_tools,
                since(4, x.reasoning_effort), since(4, x.adaptive_thinking));
  }
};

template <>
struct layout<policy::compatibility_switches> {
  static auto fields(auto& x) {
    return list(x.billing_line, x.max_tokens_field, x.reasoning, x.default_max_tokens, x.files,
                x.reasoning_effort, x.adaptive_thinking, x.developer_role, x.late_system,
                x.text_parts, x.stream_options, x.parallel_tool_calls, x.strict_tools,
                x.json_schema, x.cache_control, x.thinking_switch);
  }
};

template <>
struct layout<policy::channel> {
  static constexpr auto name = "channels";
  static constexpr std::uint8_t version = 4;
  static auto fields(auto& x) {
    return list(x.id, x.name, x.type, x.status, x.status_reason, x.base_url, x.supported_models,
                x.model_mappings, x.extra_model_prefix, x.auto_trimmed_model_prefixes,
                x.hide_original_models, x.hide_mapped_models, x.tags, x.priority, x.weight,
                x.default_test_model, x.timeouts, x.allow_private_network, x.ca_certificates,
                x.remark, x.last_test, x.created_at, x.updated_at, x.revision, since(2, x.limits),
                since(3, x.model_capabilities), since(3, x.compatibility));
  }
};

template <>
struct layout<policy::token_prices> {
  static auto fields(auto& x) {
    return list(x.input, x.output, x.cache_read, x.cache_write_5m, x.cache_write_1h);
  }
};

template <>
struct layout<policy::price> {
  static auto fields(auto& x) {
    return list(x.model, x.channel, x.effective_from, x.tier_above, x.rates);
  }
};

template <>
struct layout<policy::price_table> {
  static constexpr auto name = "prices";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.rows, x.revision); }
};

} // namespace axonhub::store
