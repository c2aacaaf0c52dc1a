#pragma once

#include "llm/answer_sink.hpp"
#include "llm/conversion.hpp"

#include <string>
#include <vector>

namespace axonhub::llm {

/// Puts an answer's pieces into numbered blocks of which one is open at a time, as Anthropic's and
/// the Responses API's streams want them. The first tool streams live; what other tools say in the
/// meantime is held (bounded) until their turn comes, which is when the one before them is known to
/// be complete, or at the end.
class answer_sequence : public stream_writer {
public:
  answer_sequence() : stream_writer(stream_grammar::order::sequential) {}

  void start() final;
  void reasoning(raw_text delta) final {
    grammar_.hear(stream_step::grow, block_kind::thinking);
    grow(block_kind::thinking, delta);
  }
  void text(raw_text delta) final {
    grammar_.hear(stream_step::grow, block_kind::text);
    grow(text_kind(block_kind::text), delta);
  }
  void refusal(raw_text delta) final {
    grammar_.hear(stream_step::grow, block_kind::refusal);
    grow(text_kind(block_kind::refusal), delta);
  }
  void seal(const thought_seal& seal) final;
  void end_block() final;
  void open_tool(std::size_t tool, raw_text id, raw_text name) final;
  void arguments(std::size_t tool, raw_text delta) final;
  void close_tool(std::size_t tool) final;
  void end(stop_cause cause, const usage& tokens) final;
  void fail(const upstream_failure& failed) final;

protected:
  virtual void write_start() = 0;
  /// `id` and `name` are of tools; the name is the upstream's.
  virtual void write_open(block_kind kind, std::size_t index, raw_text id, raw_text name) = 0;
  virtual void write_delta(block_kind kind, std::size_t index, raw_text delta) = 0;
  /// `carrier` is of thoughts: what carry() made of their seal, or empty.
  virtual void write_close(block_kind kind, std::size_t index, raw_text carrier) = 0;
  virtual void write_end(stop_cause cause, const usage& tokens) = 0;
  virtual void write_failure(const upstream_failure& failed) = 0;
  /// How this dialect's clients keep a seal for us, as raw text; empty: not at all.
  virtual std::string carry(const thought_seal& seal) const = 0;
  /// Whether a refusal is told as plain text or as a block of its own kind.
  virtual block_kind text_kind(block_kind kind) const = 0;

private:
  struct tool {
    std::string id, name, held; // raw
    bool is_written = false;    ///< Open now, or closed.
    bool is_complete = false;
  };

  void grow(block_kind kind, raw_text delta);
  void open(block_kind kind, raw_text id, raw_text name);
  void close();
  void open_next_tools();
  void write_tool(std::size_t at);
  void grow_tool(std::size_t at, raw_text delta);
  bool is_live(std::size_t at) const { return open_ == block_kind::tool && live_ == at; }

  block_kind open_ = block_kind::none;
  std::size_t index_ = 0; // of the open block
  std::size_t next_ = 0;
  std::size_t live_ = 0;    // the tool whose block is open
  std::size_t waiting_ = 0; // the first tool that may still wait for its turn
  std::vector<tool> tools_;
  std::string carrier_;
  std::size_t held_bytes_ = 0;
};

} // namespace axonhub::llm
