#include "llm/responses_writer.hpp"

#include "llm/answer_reader.hpp"
#include "llm/answer_text.hpp"
#include "llm/error_body.hpp"
#include "llm/json_check.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

/// The kept items and texts of one answer; no model says more.
constexpr std::size_t most_answer_bytes = std::size_t{16} << 20;

std::string text_part(raw_text text, bool refuses) {
  auto out = std::string{refuses ? R"({"type":"refusal","refusal":")"
                                 : R"({"type":"output_text","text":")"};
  return out.append(text).append(refuses ? "\"}" : "\",\"annotations\":[]}");
}

std::string summary_part(raw_text text) {
  return std::string{R"({"type":"summary_text","text":")"}.append(text).append("\"}");
}

std::string_view id_prefix(block_kind kind, const client_tool& tool) {
  switch (kind) {
    case block_kind::thinking:
    case block_kind::redacted:
      return "rs_";
    case block_kind::tool:
      return id_prefix(tool);
    default:
      return "msg_";
  }
}

/// What went wrong; of a rate limit, when to come back.
std::string message_of(const upstream_failure& failed) {
  auto text = message_for(dialect::openai_responses, failed);
  return response_code(failed.trouble) == "rate_limit_exceeded"
             ? with_delay(std::move(text), failed.retry_after)
             : text;
}

} // namespace

std::string message_item(raw_text id, raw_text text, bool refuses) {
  auto out = std::string{R"({"type":"message","id":")"};
  out.append(id).append(R"(","role":"assistant","status":"completed","content":[)");
  return out.append(text_part(text, refuses)).append("]}");
}

std::string reasoning_item(raw_text id, raw_text text, raw_text encrypted) {
  auto out = std::string{R"({"type":"reasoning","id":")"};
  out.append(id).append(R"(","summary":[)");
  if (!text.empty())
    out += summary_part(text);
  out += ']';
  if (!encrypted.empty())
    out.append(R"(,"encrypted_content":")").append(encrypted).append(1, '"');
  return out += '}';
}

std::string tool_item(raw_text id, raw_text call_id, const client_tool& tool, raw_text arguments,
                      std::string_view status) {
  auto out = std::string{tool.is_custom ? R"({"type":"custom_tool_call","id":")"
                                        : R"({"type":"function_call","id":")"};
  out.append(id).append(R"(","call_id":")").append(call_id);
  out.append(R"(","name":")").append(tool.name);
  if (!tool.name_space.empty())
    out.append(R"(","namespace":")").append(tool.name_space);
  out.append(tool.is_custom ? R"(","input":")" : R"(","arguments":")").append(arguments);
  return out.append(R"(","status":")").append(status).append("\"}");
}

std::string own_call_item(raw_text id, raw_text call_id, const client_tool& tool,
                          raw_text arguments, std::string_view status) {
  auto object = to_input_object(arguments);
  std::replace_if( // between its values; an event is one line
      object.begin(), object.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  auto out = R"({"type":")" + tool.call_type + R"(","id":")";
  out.append(id).append(R"(","call_id":")").append(call_id).append("\",\"");
  out.append(argument_field(tool.call_type)).append("\":").append(object);
  if (tool.call_type == "tool_search_call")
    out += R"(,"execution":"client")";
  return out.append(R"(,"status":")").append(status).append("\"}");
}

std::string_view id_prefix(const client_tool& tool) {
  if (tool.call_type == "tool_search_call")
    return "tsc_";
  if (tool.call_type == "local_shell_call")
    return "lsh_";
  if (tool.call_type == "shell_call")
    return "sh_";
  if (tool.call_type == "apply_patch_call")
    return "apc_";
  return tool.is_custom ? "ctc_" : "fc_";
}

void append_response(std::string& out, const conversion_memory& memory, const response_state& s) {
  auto json = json_writer{out};
  json.open_object()
      .text("id", memory.answer_id)
      .text("object", "response")
      .number("created_at", memory.created)
      .text("status", s.status)
      .raw("error", s.error)
      .key("incomplete_details");
  if (s.incomplete.empty())
    json.null();
  else
    json.open_object().text("reason", s.incomplete).close_object();
  json.text("model", memory.client_model).key("output");
  out.append(1, '[').append(s.output).append(1, ']');
  json.raw("usage", s.usage).close_object();
}

response_state to_state(stop_cause cause, bool is_whole) {
  const auto is_cut = cause == stop_cause::max_tokens || cause == stop_cause::context_window;
  if (is_cut && !is_whole)
    return {.status = "incomplete", .incomplete = "max_output_tokens", .output = {}};
  if (cause == stop_cause::refusal)
    return {.status = "incomplete", .incomplete = "content_filter", .output = {}};
  return {.status = "completed", .incomplete = {}, .output = {}};
}

void responses_writer::ping() { out() += ping_event(dialect::openai_responses); }

void responses_writer::begin_event(std::string_view type) {
  out().append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
  out().append("\",\"sequence_number\":").append(std::to_string(sequence_++));
}

void responses_writer::begin_item_event(std::string_view type, std::size_t index) {
  begin_event(type);
  out().append(",\"item_id\":\"").append(item_id_).append("\",\"output_index\":");
  out() += std::to_string(index);
}

void responses_writer::write_start() {
  for (const auto* const type : {"response.created", "response.in_progress"}) {
    begin_event(type);
    out() += ",\"response\":";
    append_response(out(), memory_, {.status = "in_progress", .incomplete = {}, .output = {}});
    end_event();
  }
}

void responses_writer::write_open(block_kind kind, std::size_t index, raw_text id, raw_text name) {
  grown_.clear();
  tool_ = kind == block_kind::tool ? to_client_tool(memory_, name) : client_tool{};
  call_id_ = id;
  item_id_ = id_prefix(kind, tool_);
  append_escaped(item_id_, id_stem(memory_.answer_id));
  item_id_.append(1, '_').append(std::to_string(index));
  if (!tool_.call_type.empty()) // its item has no events that could bring the rest
    return;
  begin_event("response.output_item.added");
  out().append(",\"output_index\":").append(std::to_string(index)).append(",\"item\":");
  const auto speaks = kind == block_kind::text || kind == block_kind::refusal;
  if (kind == block_kind::tool)
    out() += tool_item(item_id_, call_id_, tool_, {}, "in_progress");
  else if (speaks)
    out()
        .append(R"({"type":"message","id":")")
        .append(item_id_)
        .append(R"(","role":"assistant","status":"in_progress","content":[]})");
  else
    out() += reasoning_item(item_id_, {}, {});
  end_event();
  if (!speaks)
    return;
  begin_item_event("response.content_part.added", index);
  out().append(",\"content_index\":0,\"part\":").append(text_part({}, kind == block_kind::refusal));
  end_event();
}

void responses_writer::write_delta(block_kind kind, std::size_t index, raw_text delta) {
  if (output_.size() + grown_.size() + delta.size() > most_answer_bytes) {
    break_off("The answer is too large");
    return;
  }
  if (kind == block_kind::thinking && grown_.empty()) {
    begin_item_event("response.reasoning_summary_part.added", index);
    out().append(",\"summary_index\":0,\"part\":").append(summary_part({}));
    end_event();
  }
  grown_ += delta;
  if (kind == block_kind::tool) {
    if (tool_.is_held()) // its text can be unwrapped only when it is whole
      return;
    begin_item_event("response.function_call_arguments.delta", index);
  } else if (kind == block_kind::thinking) {
    begin_item_event("response.reasoning_summary_text.delta", index);
    out() += ",\"summary_index\":0";
  } else if (kind == block_kind::refusal) {
    begin_item_event("response.refusal.delta", index);
    out() += ",\"content_index\":0";
  } else {
    begin_item_event("response.output_text.delta", index);
    out() += ",\"content_index\":0";
  }
  out().append(",\"delta\":\"").append(delta);
  out() += kind == block_kind::text ? "\",\"logprobs\":[]" : "\"";
  end_event();
}

void responses_writer::close_thought(std::size_t index) {
  begin_item_event("response.reasoning_summary_text.done", index);
  out().append(",\"summary_index\":0,\"text\":\"").append(grown_).append("\"");
  end_event();
  begin_item_event("response.reasoning_summary_part.done", index);
  out().append(",\"summary_index\":0,\"part\":").append(summary_part(grown_));
  end_event();
}

void responses_writer::close_text(bool refuses, std::size_t index) {
  begin_item_event(refuses ? "response.refusal.done" : "response.output_text.done", index);
  out().append(",\"content_index\":0,\"").append(refuses ? "refusal" : "text").append("\":\"");
  out().append(grown_).append(refuses ? "\"" : "\",\"logprobs\":[]");
  end_event();
  begin_item_event("response.content_part.done", index);
  out().append(",\"content_index\":0,\"part\":").append(text_part(grown_, refuses));
  end_event();
}

void responses_writer::close_tool_call(std::size_t index) {
  if (tool_.is_custom) {
    grown_ = unwrap_input(grown_);
    if (!grown_.empty()) {
      begin_item_event("response.custom_tool_call_input.delta", index);
      out().append(",\"delta\":\"").append(grown_).append("\"");
      end_event();
    }
    begin_item_event("response.custom_tool_call_input.done", index);
    out().append(",\"input\":\"").append(grown_).append("\"");
    end_event();
    return;
  }
  if (grown_.empty())
    grown_ = "{}";
  begin_item_event("response.function_call_arguments.done", index);
  out().append(",\"name\":\"").append(tool_.name).append("\",\"arguments\":\"");
  out().append(grown_).append("\"");
  end_event();
}

/// Returns the item.
std::string responses_writer::close_own_call(std::size_t index) {
  begin_event("response.output_item.added");
  out().append(",\"output_index\":").append(std::to_string(index)).append(",\"item\":");
  out() += own_call_item(item_id_, call_id_, tool_, grown_, "in_progress");
  end_event();
  return own_call_item(item_id_, call_id_, tool_, grown_, "completed");
}

void responses_writer::write_close(block_kind kind, std::size_t index, raw_text carrier) {
  auto item = std::string{};
  ends_with_whole_tool_ = false;
  if (kind == block_kind::tool) {
    ends_with_whole_tool_ = grown_.empty() || !to_input_object(grown_).starts_with("{\"_raw\":");
    if (tool_.call_type.empty()) {
      close_tool_call(index);
      item = tool_item(item_id_, call_id_, tool_, grown_, "completed");
    } else {
      item = close_own_call(index);
    }
  } else if (kind == block_kind::text || kind == block_kind::refusal) {
    close_text(kind == block_kind::refusal, index);
    item = message_item(item_id_, grown_, kind == block_kind::refusal);
  } else {
    if (!grown_.empty())
      close_thought(index);
    item = reasoning_item(item_id_, grown_, carrier);
  }
  begin_event("response.output_item.done");
  out().append(",\"output_index\":").append(std::to_string(index)).append(",\"item\":");
  out() += item;
  end_event();
  if (!output_.empty())
    output_ += ',';
  output_ += item;
  grown_.clear();
}

void responses_writer::write_end(stop_cause cause, const usage& tokens) {
  auto state = to_state(cause, ends_with_whole_tool_);
  auto numbers = std::string{};
  auto json = json_writer{numbers};
  write_responses_usage(json, tokens);
  state.output = output_;
  state.usage = numbers; // Codex wants them even when nobody told any
  begin_event(state.incomplete.empty() ? "response.completed" : "response.incomplete");
  out() += ",\"response\":";
  append_response(out(), memory_, state);
  end_event();
}

void responses_writer::write_failure(const upstream_failure& failed) {
  auto error = std::string{};
  json_writer{error}
      .open_object()
      .text("code", response_code(failed.trouble))
      .text("message", message_of(failed))
      .close_object();
  begin_event("response.failed");
  out() += ",\"response\":";
  append_response(out(), memory_,
                  {.status = "failed", .incomplete = {}, .error = error, .output = output_});
  end_event();
}

std::string responses_writer::carry(const thought_seal& seal) const {
  return memory_.encrypted_reasoning ? to_encrypted_content(seal) : std::string{};
}

} // namespace axonhub::llm
