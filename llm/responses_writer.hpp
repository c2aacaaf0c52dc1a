#pragma once

#include "llm/answer_sequence.hpp"
#include "llm/client_tool.hpp"

namespace axonhub::llm {

/// Writes the Responses API's stream with its whole ladder of events: Codex sees only items that
/// are told as done, and takes a stream for broken without its last event. The finished items are
/// kept, because the last event repeats them.
class responses_writer final : public answer_sequence {
public:
  /// `memory` outlives the writer.
  explicit responses_writer(const conversion_memory& memory) : memory_(memory) {}

  void ping() override;

private:
  void write_start() override;
  void write_open(block_kind kind, std::size_t index, raw_text id, raw_text name) override;
  void write_delta(block_kind kind, std::size_t index, raw_text delta) override;
  void write_close(block_kind kind, std::size_t index, raw_text carrier) override;
  void write_end(stop_cause cause, const usage& tokens) override;
  void write_failure(const upstream_failure& failed) override;
  std::string carry(const thought_seal& seal) const override;
  block_kind text_kind(block_kind kind) const override { return kind; }

  void begin_event(std::string_view type);
  void begin_item_event(std::string_view type, std::size_t index);
  void end_event() { out() += "}\n\n"; }
  void close_thought(std::size_t index);
  void close_text(bool refuses, std::size_t index);
  void close_tool_call(std::size_t index);
  std::string close_own_call(std::size_t index);

  const conversion_memory& memory_;
  std::size_t sequence_ = 0;
  // The open item, raw:
  std::string item_id_, call_id_, grown_;
  client_tool tool_;
  // The finished ones:
  std::string output_;
  bool ends_with_whole_tool_ = false;
};

/// Items of a response as JSON text. All texts are raw.
std::string message_item(raw_text id, raw_text text, bool refuses);
std::string reasoning_item(raw_text id, raw_text text, raw_text encrypted);
std::string tool_item(raw_text id, raw_text call_id, const client_tool& tool, raw_text arguments,
                      std::string_view status);

/// The same for a tool of Responses' own, whose arguments are an object and no text.
std::string own_call_item(raw_text id, raw_text call_id, const client_tool& tool,
                          raw_text arguments, std::string_view status);
/// What the id of a tool's item starts with.
std::string_view id_prefix(const client_tool& tool);

/// The response object that events and whole answers have. `output` is the items, joined by commas;
/// `error` and `usage` are JSON text.
struct response_state {
  std::string_view status;
  std::string_view incomplete; ///< The reason; empty: none.
  std::string_view error = "null";
  std::string_view output;
  std::string_view usage = "null";
};
void append_response(std::string& out, const conversion_memory& memory, const response_state& s);

/// What a response's status is after this end. `is_whole`: the last thing said is a complete tool
/// call, which is worth more than the remark that the limit was met behind it.
response_state to_state(stop_cause cause, bool is_whole);

} // namespace axonhub::llm
