#include "llm/chat_reader.hpp"

#include "base/text.hpp"
#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"
#include "llm/sse.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace axonhub::llm {
namespace {

bool is_null(json_value& value) { return value.raw_json_token().starts_with('n'); }

stop_cause to_cause(std::string_view reason, bool has_tools) {
  const auto is_one_of = [reason](std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [reason](auto word) { return equals_ignoring_case(reason, word); });
  };
  if (is_one_of({"length", "max_tokens", "model_length"}))
    return stop_cause::max_tokens;
  if (is_one_of({"content_filter", "sensitive"}))
    return stop_cause::refusal;
  if (is_one_of({"model_context_window_exceeded"}))
    return stop_cause::context_window;
  return has_tools ? stop_cause::tool_use : stop_cause::end_turn; // `stop` is said of tools, too
}

json_error read_function(json_value& value, raw_text& name, raw_text& arguments,
                         std::string_view& object) {
  return scan_fields(value, [&](std::string_view key, json_value& v) -> json_error {
    if (key == "name")
      return read_raw(v, name);
    if (key != "arguments")
      return simdjson::SUCCESS;
    const auto e = read_raw_object(v, object);
    return e || !object.empty() ? e : read_raw(v, arguments);
  });
}

} // namespace

void chat_reader::choice::clear() {
  index = 0;
  reasoning = other_reasoning = content = refusal = finish = {};
  details.clear();
  parts.clear();
  tools.clear();
}

event_kind chat_reader::read(std::string_view event, answer_sink& sink) {
  auto joined = std::string{};
  const auto fields = read_event(event, joined);
  if (!fields.has_data || fields.data.empty() || has_ended_)
    return event_kind::other;
  if (is_done_mark(fields.data))
    return conclude(sink);
  has_content_ = false;
  const auto had_started = has_started_;
  const auto had_finished = has_finished_;
  auto lent = lent_parser{};
  const auto e = scan_mended(lent, fields.data, facts_.mended, [&](auto key, json_value& value) {
    return take_field(key, value, sink, false);
  });
  has_error_ |= fields.event == "error";
  if (const auto kind = judge(e); kind != event_kind::other)
    return kind;
  if (has_content_)
    return event_kind::content;
  if (has_finished_ && !had_finished)
    return event_kind::closing;
  return has_started_ && !had_started ? event_kind::start : event_kind::other;
}

event_kind chat_reader::read_end(answer_sink& sink) {
  return has_finished_ ? conclude(sink) : refuse("The upstream closed the stream before its end");
}

event_kind chat_reader::read_whole(const std::string& body, answer_sink& sink) {
  auto lent = lent_parser{};
  const auto e = scan_text(lent, in_place(body), [&](std::string_view key, json_value& value) {
    return take_field(key, value, sink, true);
  });
  if (const auto kind = judge(e); kind != event_kind::other)
    return kind;
  return has_started_ ? conclude(sink) : refuse("The upstream answered no completion");
}

/// Whether a chunk was read well: error and malformed, or other when there is no more to say.
event_kind chat_reader::judge(json_error e) {
  if (e)
    return refuse("An event of the stream is no JSON");
  if (held_bytes_ > most_held_bytes)
    return refuse("Too much of the answer is out of its order");
  if (!has_error_ && !is_breakdown(facts_.stop_reason))
    return event_kind::other;
  if (error_.message.empty())
    error_.message = gave_up;
  has_ended_ = true;
  return event_kind::error;
}

json_error chat_reader::take_field(std::string_view key, json_value& value, answer_sink& sink,
                                   bool whole) {
  if (key == "choices")
    return is_null(value) ? simdjson::SUCCESS : read_choices(value, sink, whole);
  if (key == "usage")
    return read_openai_usage(value, facts_);
  if (key == "x_groq")
    return read_groq_field(value, facts_, error_, has_error_);
  if (tells_error(key, value, error_)) {
    has_error_ = true;
    return read_error_field(key, value, error_);
  }
  read_identity_field(key, value, nullptr, facts_);
  return simdjson::SUCCESS;
}

json_error chat_reader::read_choices(json_value& value, answer_sink& sink, bool whole) {
  simdjson::ondemand::array choices;
  if (const auto e = value.get_array().get(choices))
    return e;
  for (auto item : choices) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    current_.clear();
    const auto e = scan_fields(
        one, [this](std::string_view key, json_value& v) { return read_choice_field(key, v); });
    if (e)
      return e;
    if (current_.index == 0)
      take_choice(sink, whole);
  }
  return simdjson::SUCCESS;
}

json_error chat_reader::read_choice_field(std::string_view key, json_value& value) {
  if (key == "index") {
    read_count(value, current_.index);
  } else if (key == "delta" || key == "message") {
    return scan_fields(
        value, [this](std::string_view name, json_value& v) { return read_delta_field(name, v); });
  } else if (key == "finish_reason") {
    return read_raw(value, current_.finish);
  } else if (key == "usage") { // Moonshot
    return read_openai_usage(value, facts_);
  }
  return simdjson::SUCCESS;
}

json_error chat_reader::read_delta_field(std::string_view key, json_value& value) {
  if (key == "content")
    return value.raw_json_token().starts_with('[') ? read_parts(value, part_kind::text)
                                                   : read_raw(value, current_.content);
  if (key == "reasoning_content")
    return read_raw(value, current_.reasoning);
  if (key == "tool_calls")
    return is_null(value) ? simdjson::SUCCESS : read_tools(value);
  if (key == "reasoning")
    return read_raw(value, current_.other_reasoning);
  if (key == "refusal")
    return read_raw(value, current_.refusal);
  if (key == "reasoning_details")
    return is_null(value) ? simdjson::SUCCESS : read_details(value);
  if (key == "function_call" && !is_null(value)) { // before there were tools: one call, without id
    auto f = fragment{.index = 0, .id = {}, .name = {}, .arguments = {}, .object = {}};
    const auto e = read_function(value, f.name, f.arguments, f.object);
    current_.tools.push_back(f);
    return e;
  }
  return simdjson::SUCCESS;
}

/// A list of contents; Mistral puts thoughts there, as lists of texts.
json_error chat_reader::read_parts(json_value& value, part_kind kind) {
  simdjson::ondemand::array parts;
  if (value.get_array().get(parts))
    return simdjson::SUCCESS;
  for (auto item : parts) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    const auto e = scan_fields(one, [&](std::string_view key, json_value& v) -> json_error {
      if (key == "thinking" && v.raw_json_token().starts_with('['))
        return read_parts(v, part_kind::thought);
      auto p = part{.kind = kind, .text = {}};
      if (key == "refusal")
        p.kind = part_kind::refusal;
      else if (key == "thinking")
        p.kind = part_kind::thought;
      else if (key != "text")
        return simdjson::SUCCESS;
      const auto failed = read_raw(v, p.text);
      if (!p.text.empty())
        current_.parts.push_back(p);
      return failed;
    });
    if (e)
      return e;
  }
  return simdjson::SUCCESS;
}

json_error chat_reader::read_details(json_value& value) {
  simdjson::ondemand::array details;
  if (value.get_array().get(details))
    return simdjson::SUCCESS;
  for (auto item : details) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    auto d = detail{};
    const auto e = scan_fields(one, [&d](std::string_view key, json_value& v) {
      if (key == "signature")
        return read_raw(v, d.signature);
      if (key == "text" || key == "summary")
        return read_raw(v, d.text);
      if (key == "data")
        return read_raw(v, d.data);
      if (key == "format")
        return read_raw(v, d.format);
      if (key == "index")
        read_count(v, d.index);
      return simdjson::SUCCESS;
    });
    if (e)
      return e;
    current_.details.push_back(d);
  }
  return simdjson::SUCCESS;
}

json_error chat_reader::read_tools(json_value& value) {
  simdjson::ondemand::array calls;
  if (const auto e = value.get_array().get(calls))
    return e;
  for (auto item : calls) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    auto f = fragment{};
    const auto e = scan_fields(one, [&](std::string_view key, json_value& v) -> json_error {
      auto index = std::uint64_t{};
      if (key == "index" && read_count(v, index))
        f.index = index;
      else if (key == "id")
        return read_raw(v, f.id);
      else if (key == "function")
        return read_function(v, f.name, f.arguments, f.object);
      return simdjson::SUCCESS;
    });
    if (e)
      return e;
    current_.tools.push_back(f);
  }
  return simdjson::SUCCESS;
}

void chat_reader::take_choice(answer_sink& sink, bool whole) {
  if (!has_started_) {
    has_started_ = true;
    sink.start();
  }
  take_thoughts(sink, whole);
  if (!current_.content.empty())
    sink.text(current_.content);
  for (const auto& p : current_.parts)
    p.kind == part_kind::text      ? sink.text(p.text)
    : p.kind == part_kind::refusal ? sink.refusal(p.text)
                                   : take_thought(p.text, sink);
  if (!current_.refusal.empty())
    sink.refusal(current_.refusal);
  auto is_first = true;
  for (const auto& f : current_.tools)
    take_fragment(
        whole ? add_tool(f) : find_tool(f, !std::exchange(is_first, false) && !f.name.empty()), f,
        sink);
  has_content_ |= !current_.content.empty() || !current_.parts.empty() ||
                  !current_.refusal.empty() || !current_.tools.empty();
  has_answered_ |= has_content_;
  if (current_.finish.empty()) // some say "" until they know
    return;
  has_finished_ = true;
  if (facts_.stop_reason.empty() || facts_.stop_reason == "stop") // some say it behind the reason
    facts_.stop_reason = current_.finish;
}

/// Some say a thought two or three times; the details know its parts and their seals.
void chat_reader::take_thoughts(answer_sink& sink, bool whole) {
  const auto& details = current_.details;
  if (std::all_of(details.begin(), details.end(), [](const auto& d) { return d.text.empty(); }))
    take_thought(current_.reasoning.empty() ? current_.other_reasoning : current_.reasoning, sink);
  auto is_first = true;
  for (const auto& d : details) {
    if (whole && !std::exchange(is_first, false))
      sink.end_block();
    take_thought(d.text, sink);
    if (has_sealed_ && d.index != sealed_)
      end_thought(sink);
    const auto is_claudes = !d.data.empty() && d.format.starts_with("anthropic-");
    if (d.signature.empty() && !is_claudes)
      continue;
    has_content_ = has_sealed_ = true;
    sealed_ = d.index;
    sink.seal(is_claudes ? thought_seal{thought_seal::origin::claude_redacted, d.data, {}}
                         : thought_seal{thought_seal::origin::claude_signature, d.signature, {}});
  }
}

void chat_reader::take_thought(raw_text text, answer_sink& sink) {
  if (text.empty())
    return;
  has_content_ = true;
  if (has_sealed_)
    end_thought(sink);
  sink.reasoning(text);
}

void chat_reader::end_thought(answer_sink& sink) {
  has_sealed_ = false;
  sink.end_block();
}

/// Whether a fragment whose place is that of a known call begins another one: some count every call
/// 0. Others say the name in every fragment.
bool chat_reader::begins_another(const tool& known, const fragment& f) {
  if (f.name.empty())
    return false;
  const auto is_other = [](raw_text is, raw_text was) { return !was.empty() && is != was; };
  return is_other(f.name, known.name) || (!f.id.empty() && is_other(f.id, known.id)) ||
         (known.arguments.is_whole() && (!f.object.empty() || !is_blank(f.arguments)));
}

/// `is_new`: a fragment that names neither index nor id starts a call of its own.
std::size_t chat_reader::find_tool(const fragment& f, bool is_new) {
  const auto last_with = [this](auto&& holds) {
    const auto it = std::find_if(tools_.rbegin(), tools_.rend(), holds);
    return static_cast<std::size_t>(tools_.rend() - it); // 0: none
  };
  auto found = std::size_t{0};
  if (f.index)
    found = last_with([&f](const tool& t) { return t.index == f.index; });
  else if (!f.id.empty())
    found = last_with([&f](const tool& t) { return t.id == f.id; });
  else if (!is_new)
    found = tools_.size();
  return found > 0 && !begins_another(tools_[found - 1], f) ? found - 1 : add_tool(f);
}

std::size_t chat_reader::add_tool(const fragment& f) {
  tools_.push_back({.index = f.index, .id = {}, .name = {}, .held = {}});
  return tools_.size() - 1;
}

void chat_reader::take_fragment(std::size_t at, const fragment& f, answer_sink& sink) {
  auto& t = tools_[at];
  if (t.id.empty())
    t.id = f.id;
  if (t.name.empty())
    t.name = f.name;
  auto escaped = std::string{};
  auto delta = f.arguments;
  if (!f.object.empty()) {
    facts_.mended.surrogates += append_mended(escaped, std::string{f.object});
    delta = escaped;
  }
  t.arguments.feed(delta);
  if (t.is_open) {
    if (!delta.empty())
      sink.arguments(t.number, delta);
    return;
  }
  t.held += delta;
  held_bytes_ += delta.size();
  // An id may come behind the name, but not behind the arguments.
  if (!t.name.empty() && (!t.id.empty() || !t.held.empty()))
    open_tool(at, sink);
}

void chat_reader::open_tool(std::size_t at, answer_sink& sink) {
  auto& t = tools_[at];
  const auto is_taken = std::any_of(tools_.begin(), tools_.end(), [&t](const tool& other) {
    return other.is_open && other.id == t.id;
  });
  const auto own = "call_" + id_stem_ + "_" + std::to_string(at);
  if (t.id.empty())
    t.id = own;
  t.is_open = true;
  t.number = opened_++;
  sink.open_tool(t.number, is_taken ? own : t.id, t.name);
  if (!t.held.empty())
    sink.arguments(t.number, t.held);
  held_bytes_ -= t.held.size();
  std::string{}.swap(t.held);
}

event_kind chat_reader::conclude(answer_sink& sink) {
  has_ended_ = true;
  for (std::size_t at = 0; at < tools_.size(); ++at) {
    if (tools_[at].is_open)
      continue;
    if (tools_[at].name.empty())
      return refuse("The upstream called a tool without a name");
    open_tool(at, sink);
  }
  const auto cause = to_cause(facts_.stop_reason, !tools_.empty());
  if (!has_answered_ && cause == stop_cause::end_turn)
    return refuse("The upstream's answer is empty");
  sink.end(cause, facts_.tokens);
  return event_kind::terminal;
}

} // namespace axonhub::llm
