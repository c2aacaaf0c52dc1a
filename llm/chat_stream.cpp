#include "llm/chat_stream.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"
#include "llm/sse.hpp"

namespace axonhub::llm {
namespace {

struct chunk {
  raw_text finish;
  bool has_choice = false;
  bool has_content = false;
  bool has_error = false;
};

/// Neither null, nor an empty text, nor an empty list.
bool says_something(json_value& value) {
  const auto token = value.raw_json_token();
  if (token.starts_with('"'))
    return !token.starts_with("\"\"");
  return token.starts_with('['); // producers leave empty lists out
}

json_error read_delta(json_value& value, chunk& c) {
  return scan_fields(value, [&c](std::string_view key, json_value& v) -> json_error {
    if (key == "tool_calls" && v.raw_json_token().starts_with('[')) {
      simdjson::ondemand::array calls;
      if (const auto e = v.get_array().get(calls))
        return e;
      auto empty = true;
      if (const auto e = calls.is_empty().get(empty))
        return e;
      c.has_content |= !empty;
    } else if (key != "role") {
      c.has_content |= says_something(v);
    }
    return simdjson::SUCCESS;
  });
}

json_error read_choices(json_value& value, chunk& c) {
  if (!value.raw_json_token().starts_with('['))
    return simdjson::SUCCESS;
  simdjson::ondemand::array choices;
  if (const auto e = value.get_array().get(choices))
    return e;
  for (auto item : choices) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    c.has_choice = true;
    const auto e = scan_fields(one, [&c](std::string_view key, json_value& v) {
      if (key == "finish_reason")
        return read_raw(v, c.finish);
      return key == "delta" ? read_delta(v, c) : simdjson::SUCCESS;
    });
    if (e)
      return e;
  }
  return simdjson::SUCCESS;
}

json_error read_field(std::string_view key, json_value& value, const char* base, chunk& c,
                      answer_facts& facts, upstream_error& error) {
  if (key == "choices")
    return read_choices(value, c);
  if (key == "usage")
    return read_openai_usage(value, facts.tokens);
  if (key == "error" && !value.raw_json_token().starts_with('n')) {
    c.has_error = true;
    return read_error_field(key, value, error);
  }
  read_identity_field(key, value, base, facts);
  return simdjson::SUCCESS;
}

} // namespace

event_kind chat_meter::observe(std::string_view event) {
  facts_.model_value.reset();
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  if (!fields.has_data || fields.data.empty())
    return event_kind::other;
  if (fields.data == "[DONE]")
    return event_kind::terminal;
  auto c = chunk{};
  auto lent = lent_parser{};
  const auto text = lent.copy(fields.data);
  const auto e = scan_text(lent, text, [&](std::string_view key, json_value& value) {
    return read_field(key, value, text.data(), c, facts_, error_);
  });
  if (e) {
    facts_.model_value.reset();
    return event_kind::malformed;
  }
  if (facts_.model_value)
    facts_.model_value->offset = to_event_offset(event, facts_.model_value->offset);
  if (c.has_error)
    return event_kind::error;
  if (!c.finish.empty()) {
    has_finished_ = true;
    facts_.stop_reason = c.finish;
  }
  if (c.has_content)
    return event_kind::content;
  if (!c.finish.empty())
    return event_kind::closing;
  if (!c.has_choice || has_started_)
    return event_kind::other;
  has_started_ = true;
  return event_kind::start;
}

} // namespace axonhub::llm
