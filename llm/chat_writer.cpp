#include "llm/chat_writer.hpp"

#include "llm/answer_reader.hpp"
#include "llm/answer_text.hpp"
#include "llm/client_tool.hpp"
#include "llm/error_body.hpp"

#include <utility>

namespace axonhub::llm {

chat_writer::chat_writer(const conversion_memory& memory)
    : stream_writer(stream_grammar::order::interleaved),
      memory_(memory),
      head_("data: {\"id\":" + quoted(memory.answer_id) +
            ",\"object\":\"chat.completion.chunk\",\"created\":" + std::to_string(memory.created) +
            ",\"model\":" + quoted(memory.client_model) + ",\"choices\":[") {}

void chat_writer::begin_delta() { out().append(head_).append(R"({"index":0,"delta":{)"); }

void chat_writer::end_delta() { out() += "},\"logprobs\":null,\"finish_reason\":null}]}\n\n"; }

void chat_writer::start() {
  if (grammar_.has_started())
    return;
  grammar_.hear(stream_step::start);
  grammar_.start();
  begin_delta();
  out() += R"("role":"assistant","content":"")";
  end_delta();
}

void chat_writer::write_text(block_kind kind, std::string_view field, raw_text delta) {
  grammar_.hear(stream_step::grow, kind);
  grammar_.grow_unnumbered(kind);
  if (!holds())
    return;
  begin_delta();
  out().append(1, '"').append(field).append("\":\"").append(delta).append(1, '"');
  end_delta();
}

void chat_writer::reasoning(raw_text delta) {
  if (memory_.upstream != dialect::anthropic) {
    write_text(block_kind::thinking, "reasoning_content", delta);
    return;
  }
  grammar_.hear(stream_step::grow, block_kind::thinking);
  in_thought_ = true;
  write_detail({.index = thought_, .text = delta, .signature = {}, .data = {}}, true);
}

void chat_writer::seal(const thought_seal& seal) {
  grammar_.hear(stream_step::seal, block_kind::thinking);
  if (seal.from == thought_seal::origin::claude_redacted) {
    end_block();
    write_detail({.index = thought_++, .text = {}, .signature = {}, .data = seal.data}, false);
  } else if (seal.from == thought_seal::origin::claude_signature &&
             memory_.upstream == dialect::anthropic) {
    in_thought_ = true;
    write_detail({.index = thought_, .text = {}, .signature = seal.data, .data = {}}, false);
  }
}

void chat_writer::write_detail(const thought_detail& d, bool speaks) {
  grammar_.grow_unnumbered(block_kind::thinking);
  if (!holds())
    return;
  begin_delta();
  if (speaks)
    out().append(R"("reasoning_content":")").append(d.text).append("\",");
  out().append(R"("reasoning_details":[)").append(to_json(d)).append(1, ']');
  end_delta();
}

void chat_writer::end_block() { thought_ += std::exchange(in_thought_, false) ? 1 : 0; }

void chat_writer::begin_call(std::size_t tool) {
  begin_delta();
  out().append(R"("tool_calls":[{"index":)").append(std::to_string(tool));
}

void chat_writer::open_tool(std::size_t tool, raw_text id, raw_text name) {
  grammar_.hear(stream_step::open, block_kind::tool, tool);
  grammar_.open(block_kind::tool, tool);
  if (!is_named(id, name) || !holds())
    return;
  const auto known = to_client_tool(memory_, name);
  calls_.resize(tool + 1);
  calls_[tool].is_custom = known.is_custom;
  const auto* const type = known.is_custom ? "custom" : "function";
  begin_call(tool);
  out().append(R"(,"id":")").append(id).append(R"(","type":")").append(type).append("\",\"");
  out().append(type).append(R"(":{"name":")").append(known.name).append("\",\"");
  out().append(known.is_custom ? "input" : "arguments").append(R"(":""}}])");
  end_delta();
}

void chat_writer::arguments(std::size_t tool, raw_text delta) {
  grammar_.hear(stream_step::grow, block_kind::tool, tool);
  grow_tool(tool, delta);
}

void chat_writer::grow_tool(std::size_t tool, raw_text delta) {
  grammar_.grow(block_kind::tool, tool);
  if (!holds() || delta.empty())
    return;
  auto& call = calls_[tool];
  if (call.is_custom && call.is_closed)
    break_off("A tool's arguments go on behind its end");
  call.has_arguments = true;
  if (!call.is_custom) {
    write_arguments(tool, "function", "arguments", delta);
    return;
  }
  call.held += delta; // its text can be unwrapped only when it is whole
  if (call.held.size() > most_held_bytes)
    break_off("Too much of the answer is out of its order");
}

void chat_writer::write_arguments(std::size_t tool, std::string_view type, std::string_view field,
                                  raw_text delta) {
  begin_call(tool);
  out().append(",\"").append(type).append("\":{\"").append(field).append("\":\"");
  out().append(delta).append("\"}}]");
  end_delta();
}

void chat_writer::close_tool(std::size_t tool) {
  grammar_.hear(stream_step::close, block_kind::tool, tool);
  finish_tool(tool);
}

void chat_writer::finish_tool(std::size_t tool) {
  if (tool >= calls_.size() || std::exchange(calls_[tool].is_closed, true))
    return;
  const auto& call = calls_[tool];
  if (!call.is_custom && !call.has_arguments)
    grow_tool(tool, "{}"); // clients parse them
  const auto input = call.is_custom ? unwrap_input(call.held) : std::string{};
  if (!input.empty())
    write_arguments(tool, "custom", "input", input);
}

void chat_writer::ping() { out() += ping_event(dialect::openai_chat); }

void chat_writer::end(stop_cause cause, const usage& tokens) {
  grammar_.hear(stream_step::end);
  start();
  for (std::size_t tool = 0; tool < calls_.size(); ++tool)
    finish_tool(tool);
  if (!holds())
    return;
  grammar_.end();
  if (!holds())
    return;
  out().append(head_).append(R"({"index":0,"delta":{},"logprobs":null,"finish_reason":")");
  out().append(to_finish_reason(cause)).append("\"}]}\n\n");
  if (memory_.include_usage && tokens.seen) {
    out().append(head_).append("],\"usage\":");
    auto json = json_writer{out()};
    write_chat_usage(json, tokens);
    out() += "}\n\n";
  }
  out() += "data: [DONE]\n\n";
}

void chat_writer::fail(const upstream_failure& failed) {
  grammar_.hear(stream_step::fail);
  if (grammar_.has_ended())
    return;
  grammar_.fail();
  const auto shape = shape_of(dialect::openai_chat, failed.trouble);
  out() += "data: ";
  auto json = json_writer{out()};
  json.open_object().key("error").open_object();
  json.text("message", message_for(dialect::openai_chat, failed)).text("type", shape.type);
  json.raw("param", "null").key("code");
  shape.code.empty() ? json.null() : json.text(shape.code);
  json.close_object().close_object();
  out() += "\n\n";
}

} // namespace axonhub::llm
