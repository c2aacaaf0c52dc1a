#include "llm/anthropic_stream.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/sse.hpp"

#include <utility>

namespace axonhub::llm {
namespace {

event_kind to_kind(std::string_view name) {
  if (name.starts_with("content_block_")) {
    name.remove_prefix(std::string_view{"content_block_"}.size());
    return name == "delta" || name == "start" || name == "stop" ? event_kind::content
                                                                : event_kind::other;
  }
  if (name == "ping")
    return event_kind::ping;
  if (name == "message_start")
    return event_kind::start;
  if (name == "message_delta")
    return event_kind::closing;
  if (name == "message_stop")
    return event_kind::terminal;
  if (name == "error")
    return event_kind::error;
  return event_kind::other;
}

/// Whether the data must be read, not the name alone.
bool carries_facts(event_kind kind) {
  return kind == event_kind::start || kind == event_kind::closing || kind == event_kind::terminal ||
         kind == event_kind::error;
}

json_error read_closing_field(std::string_view key, json_value& value, answer_facts& facts) {
  if (key == "usage")
    return read_anthropic_usage(value, facts.tokens);
  if (key != "delta")
    return simdjson::SUCCESS;
  return scan_fields(value, [&facts](std::string_view name, json_value& v) -> json_error {
    if (name == "stop_reason")
      read_text(v, facts.stop_reason);
    return simdjson::SUCCESS;
  });
}

std::string type_of(std::string_view data) {
  auto lent = lent_parser{};
  auto type = std::string{};
  const auto e = scan_copy(lent, data, [&type](std::string_view key, json_value& v, auto) {
    if (key == "type")
      read_text(v, type);
    return simdjson::SUCCESS;
  });
  return e ? std::string{} : type;
}

} // namespace

event_kind anthropic_meter::observe(std::string_view event) {
  facts_.model_value.reset();
  if (event.starts_with("event: content_block_delta\n")) // nearly every event of a long stream
    return event_kind::content;
  auto kind = event_kind::other;
  auto joined = std::string{};
  if (const auto name = event_name(event); !name.empty())
    kind = to_kind(name);
  else if (const auto fields = read_event(event, joined); fields.has_data)
    kind = to_kind(type_of(fields.data));
  return carries_facts(kind) ? learn(kind, event) : kind;
}

event_kind anthropic_meter::learn(event_kind kind, std::string_view event) {
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  auto facts = facts_; // a malformed event teaches nothing
  auto error = upstream_error{};
  auto lent = lent_parser{};
  const auto e = scan_copy(lent, fields.data, [&](auto key, json_value& value, auto* base) {
    if (kind == event_kind::closing)
      return read_closing_field(key, value, facts);
    if (kind == event_kind::error)
      return read_error_field(key, value, error);
    if (kind != event_kind::start || key != "message")
      return simdjson::SUCCESS;
    return scan_fields(value, [&](std::string_view name, json_value& v) {
      return read_message_field(name, v, base, facts);
    });
  });
  if (e)
    return event_kind::malformed;
  if (facts.model_value)
    facts.model_value->offset = to_event_offset(event, facts.model_value->offset);
  facts_ = std::move(facts);
  if (kind == event_kind::error)
    error_ = std::move(error);
  return kind;
}

} // namespace axonhub::llm
