#pragma once

#include "llm/answer_sink.hpp"
#include "llm/answer_text.hpp"
#include "llm/conversion.hpp"

#include <string>
#include <vector>

namespace axonhub::llm {

/// Writes OpenAI Chat's stream. Its tools have indexes and may take turns: nothing is held but
/// the text of custom tools. Claude's thoughts come with reasoning_details, too, whose signatures
/// some clients return; other seals have no field there and are left out.
class chat_writer final : public stream_writer {
public:
  /// `memory` outlives the writer.
  explicit chat_writer(const conversion_memory& memory);

  void start() override;
  void reasoning(raw_text delta) override;
  void text(raw_text delta) override { write_text(block_kind::text, "content", delta); }
  void refusal(raw_text delta) override { write_text(block_kind::refusal, "refusal", delta); }
  void seal(const thought_seal& seal) override;
  void end_block() override;
  void open_tool(std::size_t tool, raw_text id, raw_text name) override;
  void arguments(std::size_t tool, raw_text delta) override;
  void close_tool(std::size_t tool) override;
  void ping() override;
  void end(stop_cause cause, const usage& tokens) override;
  void fail(const upstream_failure& failed) override;

private:
  struct call {
    std::string held; ///< Of a custom tool, raw.
    bool is_custom = false;
    bool has_arguments = false;
    bool is_closed = false;
  };

  void write_text(block_kind kind, std::string_view field, raw_text delta);
  void write_detail(const thought_detail& d, bool speaks);
  void write_arguments(std::size_t tool, std::string_view type, std::string_view field,
                       raw_text delta);
  void grow_tool(std::size_t tool, raw_text delta);
  void finish_tool(std::size_t tool);
  void begin_call(std::size_t tool);
  void begin_delta();
  void end_delta();

  const conversion_memory& memory_;
  std::string head_; // what every chunk starts with, up to the choices
  std::vector<call> calls_;
  std::size_t thought_ = 0; // its number
  bool in_thought_ = false;
};

} // namespace axonhub::llm
