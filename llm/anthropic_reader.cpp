#include "llm/anthropic_reader.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"
#include "llm/sse.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

stop_cause to_cause(std::string_view reason) {
  if (reason == "max_tokens")
    return stop_cause::max_tokens;
  if (reason == "tool_use")
    return stop_cause::tool_use;
  if (reason == "stop_sequence")
    return stop_cause::stop_sequence;
  if (reason == "refusal")
    return stop_cause::refusal;
  if (reason == "pause_turn")
    return stop_cause::pause_turn;
  if (reason == "model_context_window_exceeded")
    return stop_cause::context_window;
  return stop_cause::end_turn;
}

/// Whether an event is none of this protocol, by its name.
bool is_foreign(std::string_view name) {
  return !name.empty() && name != "error" && !name.starts_with("message_") &&
         !name.starts_with("content_block_");
}

/// `{}` says nothing: the deltas do.
bool is_empty_object(std::string_view object) {
  return object.find_first_not_of("{} \t\r\n") == std::string_view::npos;
}

} // namespace

event_kind anthropic_reader::read(std::string_view event, answer_sink& sink) {
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  if (!fields.has_data || has_ended_)
    return event_kind::other;
  if (fields.event == "ping") {
    sink.ping();
    return event_kind::ping;
  }
  if (is_foreign(fields.event) || (fields.data.empty() && fields.event.empty())) // keep-alives
    return event_kind::other;
  auto lent = lent_parser{};
  now_ = {};
  const auto e = scan_mended(lent, fields.data, facts_.mended, [this](auto key, json_value& value) {
    return read_field(key, value);
  });
  if (e)
    return refuse("An event of the stream is no JSON");
  return take(fields.event.empty() ? now_.type : fields.event, sink);
}

event_kind anthropic_reader::read_end(answer_sink&) {
  return refuse("The upstream closed the stream before its end");
}

json_error anthropic_reader::read_field(std::string_view key, json_value& value) {
  if (key == "type")
    return read_raw(value, now_.type);
  if (key == "index") {
    read_count(value, now_.index);
    return simdjson::SUCCESS;
  }
  if (key == "delta")
    return scan_fields(
        value, [this](std::string_view name, json_value& v) { return read_delta_field(name, v); });
  if (key == "content_block")
    return scan_fields(
        value, [this](std::string_view name, json_value& v) { return read_block_field(name, v); });
  if (key == "message")
    return scan_fields(value, [this](std::string_view name, json_value& v) {
      return read_message_field(name, v, nullptr, facts_);
    });
  if (key == "usage")
    return read_anthropic_usage(value, facts_.tokens);
  if (key == "error")
    return read_error_field(key, value, error_);
  return simdjson::SUCCESS;
}

json_error anthropic_reader::read_delta_field(std::string_view key, json_value& value) {
  if (key == "type")
    return read_raw(value, now_.delta_type);
  if (key == "text")
    return read_raw(value, now_.text);
  if (key == "partial_json")
    return read_raw(value, now_.partial_json);
  if (key == "thinking")
    return read_raw(value, now_.thinking);
  if (key == "signature")
    return read_raw(value, now_.signature);
  if (key == "stop_reason")
    read_text(value, facts_.stop_reason);
  if (key == "stop_details")
    return scan_fields(value, [this](std::string_view name, json_value& v) {
      return name == "explanation" ? read_raw(v, now_.explanation) : simdjson::SUCCESS;
    });
  return simdjson::SUCCESS;
}

json_error anthropic_reader::read_block_field(std::string_view key, json_value& value) {
  if (key == "type")
    return read_raw(value, now_.block_type);
  if (key == "id")
    return read_raw(value, now_.id);
  if (key == "name")
    return read_raw(value, now_.name);
  if (key == "text")
    return read_raw(value, now_.text);
  if (key == "thinking")
    return read_raw(value, now_.thinking);
  if (key == "signature")
    return read_raw(value, now_.signature);
  if (key == "data")
    return read_raw(value, now_.data);
  if (key == "input")
    return read_raw_object(value, now_.input);
  return simdjson::SUCCESS;
}

event_kind anthropic_reader::take(raw_text type, answer_sink& sink) {
  if (type == "content_block_delta")
    return grow(sink);
  if (type == "content_block_start") {
    open(sink);
    return event_kind::content;
  }
  if (type == "content_block_stop") {
    close(sink);
    return event_kind::content;
  }
  if (type == "message_start") {
    has_started_ = true;
    sink.start();
    return event_kind::start;
  }
  if (type == "message_delta") {
    explanation_ = now_.explanation;
    return event_kind::closing;
  }
  if (type == "message_stop") {
    if (!has_started_)
      return refuse("The stream ends without a start");
    end(sink);
    return event_kind::terminal;
  }
  if (type == "error") {
    has_ended_ = true;
    return event_kind::error;
  }
  if (type != "ping")
    return event_kind::other;
  sink.ping();
  return event_kind::ping;
}

anthropic_reader::block* anthropic_reader::find() {
  const auto it = std::find_if(blocks_.begin(), blocks_.end(),
                               [this](const block& b) { return b.index == now_.index; });
  return it == blocks_.end() ? nullptr : &*it;
}

void anthropic_reader::open(answer_sink& sink) {
  if (!has_started_) { // sloppy upstreams
    has_started_ = true;
    sink.start();
  }
  auto b = block{.index = now_.index, .early_input = {}};
  if (now_.block_type == "text") {
    b.what = kind::text;
    if (!now_.text.empty())
      sink.text(now_.text);
  } else if (now_.block_type == "thinking") {
    b.what = kind::thinking;
    if (!now_.thinking.empty())
      sink.reasoning(now_.thinking);
    if (!now_.signature.empty())
      sink.seal({thought_seal::origin::claude_signature, now_.signature, {}});
  } else if (now_.block_type == "redacted_thinking") {
    sink.end_block();
    sink.seal({thought_seal::origin::claude_redacted, now_.data, {}});
  } else if (now_.block_type == "tool_use") {
    b.what = kind::tool;
    b.tool = tools_++;
    if (!is_empty_object(now_.input))
      b.early_input = now_.input;
    sink.open_tool(b.tool, now_.id, now_.name);
  }
  blocks_.push_back(std::move(b));
}

event_kind anthropic_reader::grow(answer_sink& sink) {
  auto* b = find();
  if (b == nullptr) { // its start was lost: what the delta says is still there
    if (!now_.partial_json.empty())
      return refuse("The upstream goes on with a tool that it has not begun");
    now_.block_type = !now_.text.empty()       ? "text"
                      : !now_.thinking.empty() ? "thinking"
                                               : now_.block_type;
    open(sink);
    return event_kind::content;
  }
  if (b->what == kind::text && !now_.text.empty()) {
    sink.text(now_.text);
  } else if (b->what == kind::thinking) {
    if (!now_.thinking.empty())
      sink.reasoning(now_.thinking);
    if (!now_.signature.empty())
      sink.seal({thought_seal::origin::claude_signature, now_.signature, {}});
  } else if (b->what == kind::tool && !now_.partial_json.empty()) {
    b->has_grown = true;
    sink.arguments(b->tool, now_.partial_json);
  }
  return event_kind::content;
}

void anthropic_reader::close(answer_sink& sink) {
  auto* const b = find();
  if (b == nullptr)
    return;
  if (b->what == kind::tool) {
    if (!b->has_grown && !b->early_input.empty()) {
      auto escaped = std::string{};
      facts_.mended.surrogates += append_mended(escaped, b->early_input);
      sink.arguments(b->tool, escaped);
    }
    sink.close_tool(b->tool);
  } else if (b->what != kind::skipped) {
    sink.end_block();
  }
  blocks_.erase(blocks_.begin() + (b - blocks_.data()));
}

void anthropic_reader::end(answer_sink& sink) {
  has_ended_ = true;
  if (!explanation_.empty())
    sink.refusal(explanation_);
  sink.end(to_cause(facts_.stop_reason), facts_.tokens);
}

json_error anthropic_reader::read_content(json_value& value, answer_sink& sink) {
  simdjson::ondemand::array content;
  if (const auto e = value.get_array().get(content))
    return e;
  for (auto item : content) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    now_ = {};
    const auto e = scan_fields(
        one, [this](std::string_view key, json_value& v) { return read_block_field(key, v); });
    if (e)
      return e;
    open(sink);
    close(sink);
  }
  return simdjson::SUCCESS;
}

event_kind anthropic_reader::read_whole(const std::string& body, answer_sink& sink) {
  auto lent = lent_parser{};
  auto type = std::string{};
  auto has_content = false;
  auto explanation = raw_text{};
  const auto e = scan_text(lent, in_place(body), [&](std::string_view key, json_value& value) {
    if (key == "type")
      read_text(value, type);
    if (key == "content") {
      has_content = true;
      return read_content(value, sink);
    }
    if (key == "stop_details") {
      now_ = {};
      const auto failed = read_delta_field(key, value);
      explanation = now_.explanation;
      return failed;
    }
    return key == "error" ? read_error_field(key, value, error_)
                          : read_message_field(key, value, nullptr, facts_);
  });
  if (e)
    return refuse("The upstream answered no valid JSON object");
  if (!error_.type.empty() || !error_.message.empty()) // some say `error: null` when all is well
    return event_kind::error;
  if (type != "message" || !has_content)
    return refuse("The upstream answered an object that is no message");
  sink.start();
  explanation_ = explanation;
  end(sink);
  return event_kind::terminal;
}

} // namespace axonhub::llm
