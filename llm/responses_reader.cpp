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

/// Whether an event is the last one of a stream that is complete.
bool is_end(raw_text type) {
  return is_one_of(type, {"response.completed", "response.incomplete", "response.done"});
}

/// Whether an event is none of this protocol, by its name. Those that are called as browsers call
/// what has no name are known by their type.
bool is_foreign(std::string_view name) {
  return !name.empty() && name != "error" && name != "message" && !name.starts_with("response.");
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

responses_reader::kind responses_reader::kind_of(raw_text type) {
  if (type == "message")
    return kind::message;
  if (type == "reasoning")
    return kind::reasoning;
  if (type == "function_call")
    return kind::function;
  return type == "custom_tool_call" ? kind::custom : kind::skipped;
}

event_kind responses_reader::read(std::string_view event, answer_sink& sink) {
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  if (!fields.has_data || has_ended_ || is_done_mark(fields.data))
    return event_kind::other;
  if (is_foreign(fields.event) || (fields.data.empty() && fields.event.empty())) // keep-alives
    return event_kind::other;
  now_ = {};
  now_.type = fields.event;
  auto lent = lent_parser{};
  const auto e = scan_mended(lent, fields.data, facts_.mended, [&](auto key, json_value& value) {
    return read_field(key, value, sink);
  });
  return e ? refuse("An event of the stream is no JSON") : take(now_.type, sink);
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
    return read_response_field(key, value, sink);
  });
  if (e)
    return refuse("The upstream answered no valid JSON object");
  if (error_.is_told() || status_ == "failed" || status_ == "cancelled")
    return give_up();
  if (!is_response)
    return refuse("The upstream answered an object that is no response");
  return conclude(sink);
}

json_error responses_reader::read_field(std::string_view key, json_value& value,
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
      return read_response_field(name, v, sink);
    });
  else if (key == "code")
    read_error_code(value, error_);
  else if (key == "message" || key == "error")
    return read_error_field(key, value, error_);
  return simdjson::SUCCESS;
}

json_error responses_reader::read_response_field(std::string_view key, json_value& value,
                                                 answer_sink& sink) {
  if (key == "status") {
    read_text(value, status_);
  } else if (key == "usage") {
    return read_openai_usage(value, facts_);
  } else if (key == "error") {
    return read_error_field(key, value, error_);
  } else if (key == "incomplete_details") {
    return scan_fields(value, [this](std::string_view name, json_value& v) -> json_error {
      if (name == "reason")
        read_text(v, incomplete_);
      return simdjson::SUCCESS;
    });
  } else if (key == "output" && (items_.empty() || is_end(now_.type))) {
    return read_output(value, sink);
  }
  read_identity_field(key, value, nullptr, facts_);
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
    auto refuses = false;
    const auto e = scan_fields(one, [&](std::string_view key, json_value& v) -> json_error {
      refuses |= key == "refusal";
      return key == "text" || key == "refusal" ? read_raw(v, text) : simdjson::SUCCESS;
    });
    if (e)
      return e;
    if (!text.empty())
      told.texts.push_back({text, refuses});
  }
  return simdjson::SUCCESS;
}

/// The items of a whole response, or at a stream's end those that it has not told until then.
json_error responses_reader::read_output(json_value& value, answer_sink& sink) {
  simdjson::ondemand::array output;
  if (value.get_array().get(output))
    return simdjson::SUCCESS;
  auto place = std::uint64_t{0};
  for (auto element : output) {
    if (element.error())
      return element.error();
    now_.place = place++;
    auto* known = find_at(now_.place);
    if (known != nullptr && known->is_done)
      continue;
    json_value one = element.value_unsafe();
    auto told = item_values{};
    if (const auto e = read_item(one, told))
      return e;
    if (known == nullptr && is_known(told)) // elsewhere: some count every item 0
      continue;
    start(sink);
    if (known == nullptr)
      known = &items_.emplace_back(item{.place = now_.place, .id = {}, .call_id = {}});
    if (known->what == kind::skipped)
      open(*known, told, sink);
    finish(*known, told, sink);
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
    auto& it = find_growing(type);
    start(sink);
    grow(it, now_.delta, sink, type == "refusal.delta");
    return event_kind::content;
  }
  if (is_one_of(type,
                {"output_text.done", "reasoning_summary_text.done", "reasoning_text.done",
                 "refusal.done", "function_call_arguments.done", "custom_tool_call_input.done"})) {
    auto& it = find_growing(type);
    start(sink);
    if (!it.has_grown || it.part < now_.part)
      grow(it, now_.whole, sink, type == "refusal.done");
    return event_kind::content;
  }
  if (type == "output_item.added" || type == "output_item.done") {
    const auto ends = type == "output_item.done";
    start(sink);
    auto& it = find_item(ends);
    if (it.what == kind::skipped && !it.is_done)
      open(it, now_.told, sink);
    if (ends && !it.is_done)
      finish(it, now_.told, sink);
    return event_kind::content;
  }
  if (is_one_of(type, {"created", "in_progress", "queued"})) {
    start(sink);
    return event_kind::start;
  }
  if (type == "failed" || type == "cancelled")
    return give_up();
  if (is_one_of(type, {"completed", "done", "incomplete"})) {
    if (type == "incomplete") // its response may still have the status of the start
      status_ = type;
    return conclude(sink);
  }
  return event_kind::other;
}

event_kind responses_reader::give_up() {
  has_ended_ = true;
  if (!error_.is_told())
    error_.message = "The upstream gave up (status \"" + status_ + "\")";
  return event_kind::error;
}

void responses_reader::start(answer_sink& sink) {
  if (has_started_)
    return;
  has_started_ = true;
  sink.start();
}

/// The last item of a place; some count every item 0.
responses_reader::item* responses_reader::find_at(std::uint64_t place) {
  const auto it = std::find_if(items_.rbegin(), items_.rend(),
                               [place](const item& i) { return i.place == place; });
  return it != items_.rend() ? &*it : nullptr;
}

bool responses_reader::is_known(const item_values& told) const {
  return std::any_of(items_.begin(), items_.end(), [&told](const item& i) {
    return (!told.id.empty() && i.id == told.id) ||
           (!told.call_id.empty() && i.call_id == told.call_id);
  });
}

/// The item this event is about; one that was not told of is new. Without a place it is the last.
responses_reader::item& responses_reader::find() {
  if (!now_.has_place && !items_.empty() && !items_.back().is_done)
    return items_.back();
  if (!now_.has_place)
    now_.place = items_.empty() ? 0 : items_.back().place + 1;
  auto* const known = find_at(now_.place);
  return known != nullptr ? *known
                          : items_.emplace_back(item{.place = now_.place, .id = {}, .call_id = {}});
}

/// The item that an event adds or ends. A place whose item is done may be given again.
responses_reader::item& responses_reader::find_item(bool ends) {
  auto& known = find();
  const auto& told = now_.told;
  const auto is_other = ends ? kind_of(told.type) != known.what || !is_known(told) : true;
  if (!known.is_done || !is_other || (ends && told.id.empty() && told.call_id.empty()))
    return known;
  return items_.emplace_back(item{.place = now_.place, .id = {}, .call_id = {}});
}

/// The item whose text an event tells, which nobody may have announced.
responses_reader::item& responses_reader::find_growing(raw_text type) {
  auto& it = find();
  if (it.what == kind::skipped && type.starts_with("reasoning"))
    it.what = kind::reasoning;
  else if (it.what == kind::skipped && (type.starts_with("output") || type.starts_with("refusal")))
    it.what = kind::message;
  return it;
}

void responses_reader::open(item& it, const item_values& told, answer_sink& sink) {
  it.what = kind_of(told.type);
  it.id = told.id;
  it.call_id = told.call_id;
  if (it.what != kind::function && it.what != kind::custom)
    return;
  it.tool = tools_++;
  sink.open_tool(it.tool, told.call_id.empty() ? told.id : told.call_id, told.name);
  if (it.what == kind::custom)
    sink.arguments(it.tool, input_opening);
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
      sink.arguments(it.tool, escape_again(it.half.join(delta, facts_.mended.surrogates)));
      break;
    case kind::skipped:
      break;
  }
}

void responses_reader::finish(item& it, const item_values& told, answer_sink& sink) {
  if (!it.has_grown) {
    now_.part = 0;
    for (const auto& [text, refuses] : told.texts) {
      grow(it, text, sink, refuses);
      ++now_.part;
    }
    grow(it, it.what == kind::custom ? told.input : told.arguments, sink, false);
  }
  it.is_done = true;
  if (it.what == kind::custom) {
    sink.arguments(it.tool, escape_again(it.half.end(facts_.mended.surrogates)));
    sink.arguments(it.tool, input_closing);
  }
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
  if (incomplete_ == "content_filter")
    cause = stop_cause::refusal;
  else if (!incomplete_.empty() || status_ == "incomplete")
    cause = stop_cause::max_tokens;
  facts_.stop_reason = incomplete_.empty() ? status_ : incomplete_;
  sink.end(cause, facts_.tokens);
  return event_kind::terminal;
}

} // namespace axonhub::llm
