#pragma once

#include "llm/stream_trail.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace axonhub::llm {

/// Guards the grammar of a stream that we write: each step a writer takes is told here first, at
/// the cost of a few comparisons and nothing parsed. It starts once, and first; blocks are numbered
/// without gaps and never reused; what grows or closes is open and of that kind; it ends once, last
/// and with nothing open. The first breach stays, and a trail leads up to it.
class stream_grammar {
public:
  enum class order : std::uint8_t {
    sequential,  ///< Anthropic, Responses: one block is open at a time.
    interleaved, ///< Chat: tools stay open until the end and may take turns.
  };

  explicit stream_grammar(order blocks) : order_(blocks) {}

  void start();
  void open(block_kind kind, std::size_t index);
  void grow(block_kind kind, std::size_t index);
  void close(block_kind kind, std::size_t index);
  /// Text outside of numbered blocks (Chat's content).
  void grow_unnumbered(block_kind kind);
  void end();
  /// The error event, which may come at any time before the end.
  void fail();

  /// What the upstream said that leads to the next steps: for the trail alone.
  void hear(stream_step what, block_kind kind = block_kind::none,
            std::size_t number = stream_trail::unnumbered) {
    trail_.heard(what, kind, number);
  }

  bool has_started() const { return state_ != state::fresh; }
  bool has_ended() const { return state_ == state::ended; }
  /// The first rule that was broken, as a sentence; empty while there is none.
  std::string_view breach() const { return breach_; }
  const stream_trail& trail() const { return trail_; }

private:
  enum class state : std::uint8_t { fresh, running, ended };

  void require(bool holds, std::string_view rule) {
    if (!holds && breach_.empty())
      breach_ = rule;
  }
  bool is_open(block_kind kind, std::size_t index) const;

  order order_;
  state state_ = state::fresh;
  block_kind open_ = block_kind::none;
  std::size_t next_ = 0;
  std::string_view breach_;
  stream_trail trail_;
};

} // namespace axonhub::llm
