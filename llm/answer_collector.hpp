#pragma once

#include "llm/answer_sink.hpp"
#include "llm/stream_grammar.hpp"

#include <optional>
#include <string>
#include <vector>

namespace axonhub::llm {

/// Keeps an answer as a list of blocks in the order of their beginnings.
class answer_collector final : public answer_sink {
public:
  struct block {
    block_kind kind = block_kind::none;
    std::string text;     ///< Or a tool's arguments; raw, as all of these.
    std::string id, name; ///< Of a tool; the name is the upstream's.
    bool is_sealed = false;
    thought_seal::origin sealed_by = thought_seal::origin::claude_signature;
    std::string seal, item_id;

    thought_seal told_seal() const { return {sealed_by, seal, item_id}; }
  };

  void start() override {}
  void reasoning(raw_text delta) override { grow(block_kind::thinking, delta); }
  void text(raw_text delta) override { grow(block_kind::text, delta); }
  void refusal(raw_text delta) override { grow(block_kind::refusal, delta); }
  void seal(const thought_seal& seal) override;
  void end_block() override { is_open_ = false; }
  void open_tool(std::size_t tool, raw_text id, raw_text name) override;
  void arguments(std::size_t tool, raw_text delta) override;
  void close_tool(std::size_t) override {}
  void ping() override {}
  void end(stop_cause cause, const usage& tokens) override;
  void fail(const upstream_failure&) override {}

  const std::vector<block>& blocks() const { return blocks_; }
  stop_cause cause() const { return cause_; }
  const usage& tokens() const { return tokens_; }

private:
  block& last(block_kind kind);
  void grow(block_kind kind, raw_text delta) { last(kind).text += delta; }

  std::vector<block> blocks_;
  std::vector<std::size_t> tools_; // where each one is among the blocks
  stop_cause cause_ = stop_cause::end_turn;
  usage tokens_;
  bool is_open_ = false; // the last block may grow
};

} // namespace axonhub::llm
