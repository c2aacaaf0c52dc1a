#include "llm/answer_converter.hpp"

#include "base/text.hpp"
#include "llm/answer_collector.hpp"
#include "llm/answer_reader.hpp"
#include "llm/answer_text.hpp"
#include "llm/client_tool.hpp"
#include "llm/json_check.hpp"
#include "llm/peek.hpp"
#include "llm/read_answer.hpp"
#include "llm/responses_writer.hpp"

namespace axonhub::llm {
namespace {

using block = answer_collector::block;

checked<answer_facts> read_into(answer_reader& reader, const std::string& body, answer_sink& sink) {
  const auto kind = reader.read_whole(body, sink);
  if (!sink.breach().empty())
    return failure{errc::malformed_message, std::string{sink.breach()}};
  if (kind == event_kind::terminal)
    return reader.facts();
  return no_answer(body, reader.error(), reader.problem());
}

/// A string value from raw text.
void write_raw(json_writer& json, std::string_view key, raw_text inner) {
  json.raw(key, '"' + std::string{inner} + '"');
}

// --- Anthropic ---

void write_block(json_writer& json, const block& b, const conversion_memory& memory) {
  json.open_object();
  switch (b.kind) {
    case block_kind::thinking:
      json.text("type", "thinking");
      write_raw(json, "thinking", b.text);
      write_raw(json, "signature", b.is_sealed ? to_signature(b.told_seal()) : std::string{});
      break;
    case block_kind::redacted:
      json.text("type", "redacted_thinking");
      write_raw(json, "data", b.seal);
      break;
    case block_kind::tool:
      json.text("type", "tool_use");
      write_raw(json, "id", b.id);
      write_raw(json, "name", to_client_tool(memory, b.name).name);
      json.raw("input", to_input_object(b.text));
      break;
    default:
      json.text("type", "text");
      write_raw(json, "text", b.text);
      break;
  }
  json.close_object();
}

std::string to_anthropic(const answer_collector& answer, const conversion_memory& memory) {
  auto body = std::string{};
  auto json = json_writer{body};
  json.open_object()
      .text("id", memory.answer_id)
      .text("type", "message")
      .text("role", "assistant")
      .text("model", memory.client_model)
      .key("content")
      .open_array();
  for (const auto& b : answer.blocks())
    write_block(json, b, memory);
  json.close_array();
  write_stop(json, answer.cause());
  json.key("usage");
  write_anthropic_usage(json, answer.tokens(), true);
  json.close_object();
  return body;
}

// --- OpenAI Chat ---

/// The texts of one kind, one behind the other; nothing when there are none.
std::optional<std::string> join(const answer_collector& answer, block_kind kind) {
  auto joined = std::optional<std::string>{};
  for (const auto& b : answer.blocks())
    if (b.kind == kind)
      joined = joined.value_or("") + b.text;
  return joined;
}

void write_tool_calls(json_writer& json, const answer_collector& answer,
                      const conversion_memory& memory) {
  auto any = false;
  for (const auto& b : answer.blocks()) {
    if (b.kind != block_kind::tool)
      continue;
    if (!std::exchange(any, true))
      json.key("tool_calls").open_array();
    const auto tool = to_client_tool(memory, b.name);
    const auto* const type = tool.is_custom ? "custom" : "function";
    json.open_object();
    write_raw(json, "id", b.id);
    json.text("type", type).key(type).open_object();
    write_raw(json, "name", tool.name);
    if (tool.is_custom)
      write_raw(json, "input", unwrap_input(b.text));
    else
      write_raw(json, "arguments", b.text.empty() ? raw_text{"{}"} : raw_text{b.text});
    json.close_object().close_object();
  }
  if (any) // an empty array is refused when it comes back
    json.close_array();
}

/// Claude's thoughts with what proves them, for clients that return them.
void write_details(json_writer& json, const answer_collector& answer,
                   const conversion_memory& memory) {
  auto index = std::size_t{0};
  for (const auto& b : answer.blocks()) {
    const auto is_sealed = b.kind == block_kind::redacted;
    if (memory.upstream != dialect::anthropic || (!is_sealed && b.kind != block_kind::thinking))
      continue;
    if (index == 0)
      json.key("reasoning_details").open_array();
    auto d = thought_detail{.index = index++, .text = b.text, .signature = b.seal, .data = {}};
    if (is_sealed)
      d = {.index = d.index, .text = {}, .signature = {}, .data = b.seal};
    json.raw(to_json(d));
  }
  if (index > 0)
    json.close_array();
}

std::string to_chat(const answer_collector& answer, const conversion_memory& memory) {
  const auto value_of = [&](block_kind kind) {
    const auto text = join(answer, kind);
    return text ? '"' + *text + '"' : "null";
  };
  auto body = std::string{};
  auto json = json_writer{body};
  json.open_object()
      .text("id", memory.answer_id)
      .text("object", "chat.completion")
      .number("created", memory.created)
      .text("model", memory.client_model)
      .key("choices")
      .open_array()
      .open_object()
      .number("index", 0)
      .key("message")
      .open_object()
      .text("role", "assistant")
      .raw("content", value_of(block_kind::text))
      .raw("refusal", value_of(block_kind::refusal));
  if (join(answer, block_kind::thinking))
    json.raw("reasoning_content", value_of(block_kind::thinking));
  write_details(json, answer, memory);
  write_tool_calls(json, answer, memory);
  json.close_object().raw("logprobs", "null");
  json.text("finish_reason", to_finish_reason(answer.cause())).close_object().close_array();
  if (answer.tokens().seen) {
    json.key("usage");
    write_chat_usage(json, answer.tokens());
  }
  json.close_object();
  return body;
}

// --- OpenAI Responses ---

std::string to_item(const block& b, const std::string& id, const conversion_memory& memory) {
  if (b.kind == block_kind::text || b.kind == block_kind::refusal)
    return message_item("msg_" + id, b.text, b.kind == block_kind::refusal);
  if (b.kind != block_kind::tool)
    return reasoning_item("rs_" + id, b.text,
                          b.is_sealed && memory.encrypted_reasoning
                              ? to_encrypted_content(b.told_seal())
                              : std::string{});
  const auto tool = to_client_tool(memory, b.name);
  const auto item_id = std::string{id_prefix(tool)} + id;
  if (!tool.call_type.empty())
    return own_call_item(item_id, b.id, tool, b.text, "completed");
  if (tool.is_custom)
    return tool_item(item_id, b.id, tool, unwrap_input(b.text), "completed");
  return tool_item(item_id, b.id, tool, b.text.empty() ? raw_text{"{}"} : raw_text{b.text},
                   "completed");
}

bool ends_with_whole_tool(const answer_collector& answer) {
  return !answer.blocks().empty() && answer.blocks().back().kind == block_kind::tool &&
         !to_input_object(answer.blocks().back().text).starts_with("{\"_raw\":");
}

std::string to_responses(const answer_collector& answer, const conversion_memory& memory) {
  auto output = std::string{};
  auto index = 0;
  for (const auto& b : answer.blocks()) {
    const auto is_seal_alone =
        b.text.empty() && (b.kind == block_kind::thinking || b.kind == block_kind::redacted);
    if (is_seal_alone && !memory.encrypted_reasoning)
      continue;
    if (!output.empty())
      output += ',';
    auto id = std::string{};
    append_escaped(id, id_stem(memory.answer_id));
    output += to_item(b, id + '_' + std::to_string(index++), memory);
  }
  auto numbers = std::string{};
  auto json = json_writer{numbers};
  write_responses_usage(json, answer.tokens());
  auto state = to_state(answer.cause(), ends_with_whole_tool(answer));
  state.output = output;
  state.usage = numbers;
  auto body = std::string{};
  append_response(body, memory, state);
  return body;
}

} // namespace

checked<converted_answer> convert_answer(std::string body, const conversion_memory& memory,
                                         upstream_error& error) {
  auto mended = mended_text{};
  mended.surrogates = mend_surrogates(body.data(), body.size());
  if (!is_valid_utf8(body))
    mended.bytes = replace_broken_utf8(body);
  body.reserve(body.size() + body_padding);
  auto collector = answer_collector{};
  const auto reader = make_answer_reader(memory.upstream, id_stem(memory.answer_id));
  auto facts = read_into(*reader, body, collector);
  error = reader->error();
  if (!facts)
    return facts.error();
  // The reader steps over what it does not need: broken text in there must not pass for less.
  if (!is_json_object(body))
    return failure{errc::malformed_json, "The answer is no valid JSON"};
  auto converted = converted_answer{{}, std::move(*facts)};
  converted.facts.mended = mended;
  converted.facts.model_value.reset();
  switch (memory.client) {
    case dialect::anthropic:
      converted.body = to_anthropic(collector, memory);
      break;
    case dialect::openai_chat:
      converted.body = to_chat(collector, memory);
      break;
    case dialect::openai_responses:
      converted.body = to_responses(collector, memory);
      break;
  }
  return converted;
}

checked<converted_answer> convert_answer(std::string body, const conversion_memory& memory) {
  auto error = upstream_error{};
  return convert_answer(std::move(body), memory, error);
}

} // namespace axonhub::llm
