#include "llm/responses_reader.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"
#include "llm/sse.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

/// A custom tool's free text as the arguments of a function with one string, `input`.
constexpr std::string_view input_opening = R"({\"input\":\")";
constexpr std::string_view input_closing = R"(\"})";

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A raw text inside of another one. No character and no escape is split: each keeps its own.
std::string escape_again(raw_text inner) {
  auto out = std::string{};
  out.reserve(inner.size() + inner.size() / 8);
  for (const auto c : inner) {
    if (c == '\\' || c == '"')
      out += '\\';
    out += c;
  }
  return out;
}

} // namespace

event_kind responses_reader::read(std::string_view event, answer_sink& sink) {
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  if (!fields.has_data || has_ended_ || fields.data == "[DONE]")
    return event_kind::other;
  if (fields.data.empty() && fields.event.empty()) // a keep-alive
    return event_kind::other;
  auto lent = lent_parser{};
  return scan(lent, lent.mended_copy(fields.data), fields.event, sink);
}

event_kind responses_reader::scan(lent_parser& lent, simdjson::padded_string_view text,
                                  std::string_view name, answer_sink& sink) {
  now_ = {};
  facts_.model_value.reset();
  const auto e = scan_text(lent, text, [&](std::string_view key, json_value& value) {
    return read_field(key, value, text.data(), sink);
  });
  if (e)
    return refuse("An event of the stream is no JSON");
  return take(now_.type.empty() ? name : now_.type, sink);
}

event_kind responses_reader::read_end(answer_sink&) {
  return refuse("The upstream closed the stream before its end");
}

event_kind responses_reader::read_whole(const std::string& body, answer_sink& sink) {
  auto lent = lent_parser{};
  now_ = {};
  auto is_response = false;
  const auto e = scan_text(lent, in_place(body), [&](std::string_view key, json_value& value) {
    is_response |= key == "output";
    return read_response_field(key, value, body.data(), sink);
  });
  if (e)
    return refuse("The upstream answered no valid JSON object");
  if (!error_.message.empty() || !error_.code.empty() || status_ == "failed")
    return event_kind::error;
  if (!is_response)
    return refuse("The upstream answered an object that is no response");
  return conclude(sink);
}

json_error responses_reader::read_field(std::string_view key, json_value& value, const char* base,
                                        answer_sink& sink) {
  if (key == "type")
    return read_raw(value, now_.type);
  if (key == "delta")
    return read_raw(value, now_.delta);
  if (is_one_of(key, {"text", "arguments", "input", "refusal"}))
    return read_raw(value, now_.whole);
  if (key == "output_index")
    now_.has_place = read_count(value, now_.place);
  else if (key == "summary_index" || key == "content_index")
    read_count(value, now_.part);
  else if (key == "item")
    return read_item(value, now_.told);
  else if (key == "response")
    return scan_fields(value, [&](std::string_view name, json_value& v) {
      return read_response_field(name, v, base, sink);
    });
  else if (key == "code")
    read_text(value, error_.code);
  else if (key == "message" || key == "error")
    return read_error_field(key, value, error_);
  return simdjson::SUCCESS;
}

json_error responses_reader::read_response_field(std::string_view key, json_value& value,
                                                 const char* base, answer_sink& sink) {
  if (key == "id" && facts_.id.empty()) {
    read_text(value, facts_.id);
  } else if (key == "model") {
    const auto raw = value.raw_json_token();
    if (raw.starts_with('"'))
      facts_.model_value = to_span(base, raw);
    read_text(value, facts_.model);
  } else if (key == "status") {
    read_text(value, status_);
  } else if (key == "usage") {
    return read_openai_usage(value, facts_.tokens);
  } else if (key == "error") {
    return read_error_field(key, value, error_);
  } else if (key == "incomplete_details") {
    return scan_fields(value, [this](std::string_view name, json_value& v) -> json_error {
      if (name == "reason")
        read_text(v, incomplete_);
      return simdjson::SUCCESS;
    });
  } else if (key == "output" && items_.empty()) {
    return read_output(value, sink);
  }
  return simdjson::SUCCESS;
}

json_error responses_reader::read_item(json_value& value, item_values& told) {
  return scan_fields(value, [this, &told](std::string_view key, json_value& v) -> json_error {
    if (key == "type")
      return read_raw(v, told.type);
    if (key == "id")
      return read_raw(v, told.id);
    if (key == "call_id")
      return read_raw(v, told.call_id);
    if (key == "name")
      return read_raw(v, told.name);
    if (key == "arguments")
      return read_raw(v, told.arguments);
    if (key == "input")
      return read_raw(v, told.input);
    if (key == "encrypted_content")
      return read_raw(v, told.encrypted);
    if ((key == "content" || key == "summary") && v.raw_json_token().starts_with('['))
      return read_parts(v, told);
    return simdjson::SUCCESS;
  });
}

json_error responses_reader::read_parts(json_value& value, item_values& told) {
  simdjson::ondemand::array parts;
  if (const auto e = value.get_array().get(parts))
    return e;
  for (auto part : parts) {
    if (part.error())
      return part.error();
    json_value one = part.value_unsafe();
    auto text = raw_text{};
    const auto e = scan_fields(one, [&](std::string_view key, json_value& v) -> json_error {
      told.is_refusal |= key == "refusal";
      return key == "text" || key == "refusal" ? read_raw(v, text) : simdjson::SUCCESS;
    });
    if (e)
      return e;
    if (!text.empty())
      told.texts.push_back(text);
  }
  return simdjson::SUCCESS;
}

/// The items of a whole response, or of an end that is all there was.
json_error responses_reader::read_output(json_value& value, answer_sink& sink) {
  simdjson::ondemand::array output;
  if (value.get_array().get(output))
    return simdjson::SUCCESS;
  for (auto element : output) {
    if (element.error())
      return element.error();
    json_value one = element.value_unsafe();
    auto told = item_values{};
    if (const auto e = read_item(one, told))
      return e;
    start(sink);
    auto& it = items_.emplace_back(item{.place = items_.size()});
    open(it, told, sink);
    finish(it, told, sink);
  }
  return simdjson::SUCCESS;
}

event_kind responses_reader::take(raw_text type, answer_sink& sink) {
  constexpr std::string_view prefix = "response.";
  if (type == "error") {
    has_ended_ = true;
    return event_kind::error;
  }
  if (!type.starts_with(prefix))
    return event_kind::other;
  type.remove_prefix(prefix.size());
  if (is_one_of(type, {"output_text.delta", "reasoning_summary_text.delta", "reasoning_text.delta",
                       "refusal.delta", "function_call_arguments.delta",
                       "custom_tool_call_input.delta"})) {
    auto& it = find();
    if (it.what == kind::skipped && type.starts_with("reasoning")) // nobody announced it
      it.what = kind::reasoning;
    else if (it.what == kind::skipped && is_one_of(type, {"output_text.delta", "refusal.delta"}))
      it.what = kind::message;
    start(sink);
    grow(it, now_.delta, sink, type == "refusal.delta");
    return event_kind::content;
  }
  if (is_one_of(type,
                {"output_text.done", "reasoning_summary_text.done", "reasoning_text.done",
                 "refusal.done", "function_call_arguments.done", "custom_tool_call_input.done"})) {
    auto& it = find();
    if (!it.has_grown || it.part < now_.part)
      grow(it, now_.whole, sink, type == "refusal.done");
    return event_kind::content;
  }
  if (type == "output_item.added" || type == "output_item.done") {
    start(sink);
    auto& it = find();
    if (it.what == kind::skipped && !it.is_done)
      open(it, now_.told, sink);
    if (type == "output_item.done" && !it.is_done)
      finish(it, now_.told, sink);
    return event_kind::content;
  }
  if (is_one_of(type, {"created", "in_progress", "queued"})) {
    start(sink);
    return event_kind::start;
  }
  if (type == "failed") {
    has_ended_ = true;
    return event_kind::error;
  }
  if (is_one_of(type, {"completed", "done", "incomplete"}))
    return conclude(sink);
  return event_kind::other;
}

void responses_reader::start(answer_sink& sink) {
  if (has_started_)
    return;
  has_started_ = true;
  sink.start();
}

/// The item this event is about; one that was not told of is new. Without a place it is the last.
responses_reader::item& responses_reader::find() {
  if (!now_.has_place && !items_.empty() && !items_.back().is_done)
    return items_.back();
  if (!now_.has_place)
    now_.place = items_.empty() ? 0 : items_.back().place + 1;
  const auto it = std::find_if(items_.rbegin(), items_.rend(),
                               [this](const item& i) { return i.place == now_.place; });
  return it != items_.rend() ? *it : items_.emplace_back(item{.place = now_.place});
}

void responses_reader::open(item& it, const item_values& told, answer_sink& sink) {
  if (told.type == "message") {
    it.what = kind::message;
  } else if (told.type == "reasoning") {
    it.what = kind::reasoning;
  } else if (told.type == "function_call" || told.type == "custom_tool_call") {
    it.what = told.type == "function_call" ? kind::function : kind::custom;
    it.tool = tools_++;
    sink.open_tool(it.tool, told.call_id.empty() ? told.id : told.call_id, told.name);
    if (it.what == kind::custom)
      sink.arguments(it.tool, input_opening);
  }
}

void responses_reader::grow(item& it, raw_text delta, answer_sink& sink, bool refuses) {
  if (delta.empty() || it.is_done || it.what == kind::skipped)
    return;
  const auto is_new_part = it.has_grown && it.part != now_.part;
  it.has_grown = true;
  it.part = now_.part;
  switch (it.what) {
    case kind::message:
      refuses ? sink.refusal(delta) : sink.text(delta);
      break;
    case kind::reasoning:
      if (is_new_part)
        sink.reasoning("\\n\\n");
      sink.reasoning(delta);
      break;
    case kind::function:
      sink.arguments(it.tool, delta);
      break;
    case kind::custom:
      sink.arguments(it.tool, escape_again(delta));
      break;
    case kind::skipped:
      break;
  }
}

void responses_reader::finish(item& it, const item_values& told, answer_sink& sink) {
  if (!it.has_grown) {
    for (const auto text : told.texts) {
      grow(it, text, sink, told.is_refusal);
      ++now_.part;
    }
    grow(it, it.what == kind::custom ? told.input : told.arguments, sink, false);
  }
  it.is_done = true;
  if (it.what == kind::custom)
    sink.arguments(it.tool, input_closing);
  if (it.what == kind::custom || it.what == kind::function) {
    sink.close_tool(it.tool);
    return;
  }
  if (it.what == kind::reasoning && !told.encrypted.empty())
    sink.seal({thought_seal::origin::responses_item, told.encrypted, told.id});
  if (it.what != kind::skipped)
    sink.end_block();
}

event_kind responses_reader::conclude(answer_sink& sink) {
  start(sink);
  has_ended_ = true;
  auto cause = tools_ > 0 ? stop_cause::tool_use : stop_cause::end_turn;
  if (incomplete_ == "max_output_tokens")
    cause = stop_cause::max_tokens;
  else if (incomplete_ == "content_filter")
    cause = stop_cause::refusal;
  facts_.stop_reason = incomplete_.empty() ? status_ : incomplete_;
  sink.end(cause, facts_.tokens);
  return event_kind::terminal;
}

} // namespace axonhub::llm
