#include "llm/anthropic_writer.hpp"

#include "llm/answer_text.hpp"
#include "llm/client_tool.hpp"
#include "llm/error_body.hpp"

namespace axonhub::llm {

void anthropic_writer::ping() { out() += ping_event(dialect::anthropic); }

/// Up to the index, which every event of a block has.
void anthropic_writer::begin_event(std::string_view name, std::size_t index) {
  out().append("event: ").append(name).append("\ndata: {\"type\":\"").append(name);
  out().append("\",\"index\":").append(std::to_string(index));
}

void anthropic_writer::write_start() {
  out() += "event: message_start\ndata: ";
  auto json = json_writer{out()};
  json.open_object().text("type", "message_start").key("message").open_object();
  json.text("id", memory_.answer_id)
      .text("type", "message")
      .text("role", "assistant")
      .text("model", memory_.client_model)
      .raw("content", "[]")
      .raw("stop_reason", "null")
      .raw("stop_sequence", "null")
      .key("usage");
  write_anthropic_usage(json, usage{}, false); // clients add to these: they must be numbers
  json.close_object().close_object();
  out() += "\n\n";
}

void anthropic_writer::write_open(block_kind kind, std::size_t index, raw_text id, raw_text name) {
  if (kind == block_kind::redacted) // all that it says comes with its end
    return;
  begin_event("content_block_start", index);
  out() += ",\"content_block\":";
  if (kind == block_kind::tool) {
    out().append(R"({"type":"tool_use","id":")").append(id).append(R"(","name":")");
    out().append(to_client_tool(memory_, name).name).append(R"(","input":{}})");
  } else if (kind == block_kind::thinking) {
    out() += R"({"type":"thinking","thinking":"","signature":""})";
  } else {
    out() += R"({"type":"text","text":""})";
  }
  out() += "}\n\n";
}

void anthropic_writer::write_delta(block_kind kind, std::size_t index, raw_text delta) {
  begin_event("content_block_delta", index);
  if (kind == block_kind::tool)
    out() += R"(,"delta":{"type":"input_json_delta","partial_json":")";
  else if (kind == block_kind::thinking)
    out() += R"(,"delta":{"type":"thinking_delta","thinking":")";
  else
    out() += R"(,"delta":{"type":"text_delta","text":")";
  out().append(delta).append("\"}}\n\n");
}

void anthropic_writer::write_close(block_kind kind, std::size_t index, raw_text carrier) {
  if (kind == block_kind::redacted) {
    begin_event("content_block_start", index);
    out().append(R"(,"content_block":{"type":"redacted_thinking","data":")").append(carrier);
    out() += "\"}}\n\n";
  } else if (!carrier.empty()) { // whole and last: a client replaces what it had
    begin_event("content_block_delta", index);
    out().append(R"(,"delta":{"type":"signature_delta","signature":")").append(carrier);
    out() += "\"}}\n\n";
  }
  begin_event("content_block_stop", index);
  out() += "}\n\n";
}

void anthropic_writer::write_end(stop_cause cause, const usage& tokens) {
  out() += "event: message_delta\ndata: ";
  auto json = json_writer{out()};
  json.open_object().text("type", "message_delta").key("delta").open_object();
  write_stop(json, cause);
  json.close_object().key("usage");
  write_anthropic_usage(json, tokens, false);
  json.close_object();
  out() += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

void anthropic_writer::write_failure(const upstream_failure& failed) {
  out() += "event: error\ndata: ";
  auto json = json_writer{out()};
  json.open_object().text("type", "error").key("error").open_object();
  json.text("type", shape_of(dialect::anthropic, failed.trouble).type)
      .text("message", message_for(dialect::anthropic, failed));
  json.close_object().close_object();
  out() += "\n\n";
}

std::string anthropic_writer::carry(const thought_seal& seal) const {
  return seal.from == thought_seal::origin::claude_redacted ? std::string{seal.data}
                                                            : to_signature(seal);
}

} // namespace axonhub::llm
