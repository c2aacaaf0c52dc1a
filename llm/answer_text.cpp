#include "llm/answer_text.hpp"

#include "base/json_text.hpp"

namespace axonhub::llm {

std::string_view to_stop_reason(stop_cause cause) {
  switch (cause) {
    case stop_cause::max_tokens:
      return "max_tokens";
    case stop_cause::stop_sequence:
      return "stop_sequence";
    case stop_cause::tool_use:
      return "tool_use";
    case stop_cause::refusal:
      return "refusal";
    case stop_cause::pause_turn:
      return "pause_turn";
    case stop_cause::context_window:
      return "model_context_window_exceeded";
    case stop_cause::end_turn:
      break;
  }
  return "end_turn";
}

std::string_view to_finish_reason(stop_cause cause) {
  switch (cause) {
    case stop_cause::max_tokens:
    case stop_cause::context_window:
      return "length";
    case stop_cause::tool_use:
      return "tool_calls";
    case stop_cause::refusal:
      return "content_filter";
    default:
      return "stop";
  }
}

std::string quoted(std::string_view text) {
  auto out = std::string{};
  append_json_string(out, text);
  return out;
}

void write_stop(json_writer& json, stop_cause cause) {
  json.text("stop_reason", to_stop_reason(cause)).raw("stop_sequence", "null");
  if (cause == stop_cause::refusal)
    json.raw("stop_details", R"({"type":"refusal","category":null,"explanation":null})");
}

void write_anthropic_usage(json_writer& json, const usage& tokens, bool details) {
  json.open_object()
      .number("input_tokens", tokens.input)
      .number("cache_creation_input_tokens", tokens.cache_write)
      .number("cache_read_input_tokens", tokens.cache_read)
      .number("output_tokens", tokens.output);
  if (details && tokens.reasoning > 0)
    json.key("output_tokens_details")
        .open_object()
        .number("thinking_tokens", tokens.reasoning)
        .close_object();
  json.close_object();
}

namespace {

void write_openai_usage(json_writer& json, const usage& tokens, std::string_view prompt,
                        std::string_view output) {
  const auto cached = [&](std::string_view name) {
    json.key(name).open_object().number("cached_tokens", tokens.cache_read);
    if (tokens.cache_write > 0)
      json.number("cache_write_tokens", tokens.cache_write);
    json.close_object();
  };
  json.open_object().number(std::string{prompt} + "_tokens", tokens.prompt());
  cached(std::string{prompt} + "_tokens_details");
  json.number(std::string{output} + "_tokens", tokens.output)
      .key(std::string{output} + "_tokens_details")
      .open_object()
      .number("reasoning_tokens", tokens.reasoning)
      .close_object();
  json.number("total_tokens", tokens.prompt() + tokens.output).close_object();
}

} // namespace

void write_chat_usage(json_writer& json, const usage& tokens) {
  write_openai_usage(json, tokens, "prompt", "completion");
}

void write_responses_usage(json_writer& json, const usage& tokens) {
  write_openai_usage(json, tokens, "input", "output");
}

std::string to_json(const thought_detail& d) {
  auto out = std::string{};
  if (d.data.empty())
    out.append(R"({"type":"reasoning.text","text":")").append(d.text);
  else
    out.append(R"({"type":"reasoning.encrypted","data":")").append(d.data);
  if (!d.signature.empty())
    out.append(R"(","signature":")").append(d.signature);
  out.append(R"(","format":"anthropic-claude-v1","index":)");
  return out.append(std::to_string(d.index)).append(1, '}');
}

std::string to_signature(const thought_seal& seal) {
  switch (seal.from) {
    case thought_seal::origin::claude_signature:
      return std::string{seal.data};
    case thought_seal::origin::responses_item:
      return "gwr1." + std::string{seal.item_id} + '.' + std::string{seal.data};
    case thought_seal::origin::claude_redacted:
      break;
  }
  return {};
}

std::string to_encrypted_content(const thought_seal& seal) {
  switch (seal.from) {
    case thought_seal::origin::claude_signature:
      return "gwa1.s:" + std::string{seal.data};
    case thought_seal::origin::claude_redacted:
      return "gwa1.r:" + std::string{seal.data};
    case thought_seal::origin::responses_item:
      break;
  }
  return std::string{seal.data};
}

} // namespace axonhub::llm
