#pragma once

#include "llm/answer_sequence.hpp"

namespace axonhub::llm {

/// Writes Anthropic's stream.
class anthropic_writer final : public answer_sequence {
public:
  /// `memory` outlives the writer.
  explicit anthropic_writer(const conversion_memory& memory) : memory_(memory) {}

  void ping() override;

private:
  void write_start() override;
  void write_open(block_kind kind, std::size_t index, raw_text id, raw_text name) override;
  void write_delta(block_kind kind, std::size_t index, raw_text delta) override;
  void write_close(block_kind kind, std::size_t index, raw_text carrier) override;
  void write_end(stop_cause cause, const usage& tokens) override;
  void write_failure(const upstream_failure& failed) override;
  std::string carry(const thought_seal& seal) const override;
  block_kind text_kind(block_kind) const override { return block_kind::text; }

  void begin_event(std::string_view name, std::size_t index);

  const conversion_memory& memory_;
};

} // namespace axonhub::llm
