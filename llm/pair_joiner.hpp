#pragma once

#include "llm/answer_sink.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace axonhub::llm {

/// Half a surrogate pair at the end of a delta, which the block's next delta may complete.
class half_pair {
public:
  /// The delta as it can be told now: behind the half that waited, and without one at its own end.
  /// Halves that stay alone become U+FFFD and are counted. Valid until the next call.
  raw_text join(raw_text delta, std::uint64_t& replaced) {
    if (half_.empty() && !may_hold_surrogates(delta))
      return delta;
    return join_slowly(delta, replaced);
  }

  /// What the block still has to say when it ends: U+FFFD for a half that waits, or nothing.
  raw_text end(std::uint64_t& replaced);

  bool waits() const { return !half_.empty(); }

private:
  raw_text join_slowly(raw_text delta, std::uint64_t& replaced);

  std::string half_, joined_;
};

/// Stands before another sink and joins the surrogate pairs that an upstream split between two
/// deltas of a block.
class pair_joiner final : public answer_sink {
public:
  explicit pair_joiner(answer_sink& to) : to_(to) {}

  void start() override { to_.start(); }
  void reasoning(raw_text delta) override;
  void seal(const thought_seal& seal) override;
  void text(raw_text delta) override;
  void refusal(raw_text delta) override;
  void end_block() override;
  void open_tool(std::size_t tool, raw_text id, raw_text name) override;
  void arguments(std::size_t tool, raw_text delta) override;
  void close_tool(std::size_t tool) override;
  void ping() override { to_.ping(); }
  void end(stop_cause cause, const usage& tokens) override;
  void fail(const upstream_failure& failed) override { to_.fail(failed); }

  /// How many halves stayed alone.
  std::uint64_t replaced() const { return replaced_; }

private:
  using teller = void (answer_sink::*)(raw_text);

  void grow(block_kind kind, teller tell, raw_text delta);
  void end_text();
  void end_tool(std::size_t tool);
  void end_tools();

  answer_sink& to_;
  block_kind kind_ = block_kind::none; // of the text or thought that grew last
  teller tell_ = nullptr;
  half_pair text_; // its
  std::vector<half_pair> tools_;
  std::uint64_t replaced_ = 0;
};

} // namespace axonhub::llm
