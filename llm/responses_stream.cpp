#include "llm/responses_stream.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"
#include "llm/sse.hpp"

namespace axonhub::llm {
namespace {

event_kind to_kind(std::string_view type) {
  constexpr std::string_view prefix = "response.";
  if (type == "error")
    return event_kind::error;
  if (!type.starts_with(prefix))
    return event_kind::other; // keepalive and what vendors add
  type.remove_prefix(prefix.size());
  if (type == "created" || type == "in_progress" || type == "queued")
    return event_kind::start;
  if (type == "completed" || type == "incomplete" || type == "done")
    return event_kind::terminal;
  if (type == "failed" || type == "cancelled")
    return event_kind::error;
  return event_kind::content;
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

json_error read_response(std::string_view key, json_value& value, const char* base,
                         answer_facts& facts, upstream_error& error) {
  if (key == "id") {
    read_text(value, facts.id);
  } else if (key == "status") {
    if (facts.stop_reason.empty())
      read_text(value, facts.stop_reason);
  } else if (key == "usage") {
    return read_openai_usage(value, facts);
  } else if (key == "error") {
    return read_error_field(key, value, error);
  } else if (key == "incomplete_details") {
    return scan_fields(value, [&facts](std::string_view name, json_value& v) -> json_error {
      if (name == "reason")
        read_text(v, facts.stop_reason);
      return simdjson::SUCCESS;
    });
  } else if (key == "model") {
    const auto raw = value.raw_json_token();
    if (raw.starts_with('"')) {
      facts.model_value = to_span(base, raw);
      read_text(value, facts.model);
    }
  }
  return simdjson::SUCCESS;
}

} // namespace

event_kind responses_meter::observe(std::string_view event) {
  facts_.model_value.reset();
  auto name = event_name(event);
  auto joined = std::string{};
  auto type = std::string{};
  if (name.empty()) {
    const auto fields = read_event(event, joined);
    if (!fields.has_data || is_done_mark(fields.data))
      return event_kind::other;
    name = type = type_of(fields.data);
  }
  const auto kind = to_kind(name);
  const auto carries_facts =
      kind == event_kind::start || kind == event_kind::terminal || kind == event_kind::error;
  if (!carries_facts)
    return kind;
  is_error_bare_ = name == "error";
  return learn(kind, event);
}

event_kind responses_meter::learn(event_kind kind, std::string_view event) {
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  auto facts = facts_; // a malformed event teaches nothing
  facts.stop_reason.clear();
  auto error = upstream_error{};
  auto lent = lent_parser{};
  const auto e = scan_copy(lent, fields.data, [&](auto key, json_value& value, auto* base) {
    if (key == "response")
      return scan_fields(value, [&](std::string_view name, json_value& v) {
        return read_response(name, v, base, facts, error);
      });
    if (kind != event_kind::error)
      return simdjson::SUCCESS;
    if (key == "code")
      read_error_code(value, error);
    return read_error_field(key, value, error);
  });
  if (e)
    return event_kind::malformed;
  if (facts.model_value)
    facts.model_value->offset = to_event_offset(event, facts.model_value->offset);
  if (kind == event_kind::start)
    facts.stop_reason.clear(); // "in_progress" is none
  facts_ = std::move(facts);
  if (kind == event_kind::error && error.is_told()) // some say why once only
    error_ = std::move(error);
  return kind;
}

} // namespace axonhub::llm
