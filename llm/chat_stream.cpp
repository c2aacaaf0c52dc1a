#include "llm/chat_stream.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"
#include "llm/sse.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

struct chunk {
  chat_meter::choice_set begun, finished;
  raw_text finish;
  bool has_choice = false;
  bool has_content = false;
  bool has_error = false;
};

json_error read_delta(json_value& value, chunk& c) {
  return scan_fields(value, [&c](std::string_view key, json_value& v) {
    return key == "role" ? simdjson::SUCCESS : says_something(v, c.has_content);
  });
}

json_error read_choices(json_value& value, chunk& c, answer_facts& facts) {
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
    auto index = std::uint64_t{0};
    auto finish = raw_text{};
    const auto e = scan_fields(one, [&](std::string_view key, json_value& v) {
      if (key == "index")
        read_count(v, index);
      if (key == "finish_reason")
        return read_raw(v, finish);
      if (key == "usage") // Moonshot
        return read_openai_usage(v, facts);
      return key == "delta" ? read_delta(v, c) : simdjson::SUCCESS;
    });
    if (e)
      return e;
    const auto at = std::min<std::uint64_t>(index, c.begun.size() - 1);
    c.begun.set(at);
    if (finish.empty())
      continue;
    c.finished.set(at);
    c.finish = finish;
  }
  return simdjson::SUCCESS;
}

json_error read_field(std::string_view key, json_value& value, const char* base, chunk& c,
                      answer_facts& facts, upstream_error& error) {
  if (key == "choices")
    return read_choices(value, c, facts);
  if (key == "usage")
    return read_openai_usage(value, facts);
  if (key == "x_groq")
    return read_groq_field(value, facts, error, c.has_error);
  if (tells_error(key, value, error)) {
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
  if (is_done_mark(fields.data))
    return event_kind::terminal;
  auto c = chunk{};
  auto lent = lent_parser{};
  const auto e = scan_copy(lent, fields.data, [&](auto key, json_value& value, auto* base) {
    return read_field(key, value, base, c, facts_, error_);
  });
  if (e) {
    facts_.model_value.reset();
    return event_kind::malformed;
  }
  if (facts_.model_value)
    facts_.model_value->offset = to_event_offset(event, facts_.model_value->offset);
  c.has_error |= fields.event == "error";
  may_fail_yet_ = !c.has_error && is_breakdown(c.finish);
  if (may_fail_yet_)
    error_.message = gave_up;
  if (c.has_error || may_fail_yet_)
    return event_kind::error;
  begun_ |= c.begun;
  finished_ |= c.finished;
  if (!c.finish.empty() && (facts_.stop_reason.empty() || facts_.stop_reason == "stop"))
    facts_.stop_reason = c.finish;
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
