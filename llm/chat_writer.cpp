#include "llm/chat_writer.hpp"

#include "llm/answer_text.hpp"
#include "llm/client_tool.hpp"
#include "llm/error_body.hpp"

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

void chat_writer::open_tool(std::size_t tool, raw_text id, raw_text name) {
  grammar_.hear(stream_step::open, block_kind::tool, tool);
  grammar_.open(block_kind::tool, tool);
  if (!is_named(id, name) || !holds())
    return;
  has_arguments_.resize(tool + 1);
  begin_delta();
  out().append(R"("tool_calls":[{"index":)").append(std::to_string(tool));
  out().append(R"(,"id":")").append(id).append(R"(","type":"function","function":{"name":")");
  out().append(to_client_tool(memory_, name).name).append(R"(","arguments":""}}])");
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
  has_arguments_[tool] = true;
  begin_delta();
  out().append(R"("tool_calls":[{"index":)").append(std::to_string(tool));
  out().append(R"(,"function":{"arguments":")").append(delta).append("\"}}]");
  end_delta();
}

void chat_writer::close_tool(std::size_t tool) {
  grammar_.hear(stream_step::close, block_kind::tool, tool);
  finish_tool(tool);
}

void chat_writer::finish_tool(std::size_t tool) {
  if (tool < has_arguments_.size() && !has_arguments_[tool])
    grow_tool(tool, "{}"); // clients parse them
}

void chat_writer::ping() { out() += ping_event(dialect::openai_chat); }

void chat_writer::end(stop_cause cause, const usage& tokens) {
  grammar_.hear(stream_step::end);
  start();
  for (std::size_t tool = 0; tool < has_arguments_.size(); ++tool)
    finish_tool(tool);
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
