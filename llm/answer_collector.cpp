#include "llm/answer_collector.hpp"

namespace axonhub::llm {

/// The open block of this kind, a new one if need be.
answer_collector::block& answer_collector::last(block_kind kind) {
  if (!is_open_ || blocks_.back().kind != kind) {
    blocks_.emplace_back().kind = kind;
    is_open_ = true;
  }
  return blocks_.back();
}

void answer_collector::seal(const thought_seal& seal) {
  const auto redacted = seal.from == thought_seal::origin::claude_redacted;
  if (redacted)
    is_open_ = false;
  else if (is_open_ && blocks_.back().kind != block_kind::thinking)
    return; // it came too late
  auto& thought = last(redacted ? block_kind::redacted : block_kind::thinking);
  thought.is_sealed = true;
  thought.sealed_by = seal.from;
  thought.seal = seal.data;
  thought.item_id = seal.item_id;
  if (redacted)
    is_open_ = false;
}

void answer_collector::open_tool(std::size_t tool, raw_text id, raw_text name) {
  is_open_ = false;
  is_named(id, name);
  if (tool >= tools_.size())
    tools_.resize(tool + 1);
  tools_[tool] = blocks_.size();
  auto& b = blocks_.emplace_back();
  b.kind = block_kind::tool;
  b.id = id;
  b.name = name;
}

void answer_collector::arguments(std::size_t tool, raw_text delta) {
  blocks_[tools_[tool]].text += delta;
}

void answer_collector::end(stop_cause cause, const usage& tokens) {
  cause_ = cause;
  tokens_ = tokens;
}

} // namespace axonhub::llm
