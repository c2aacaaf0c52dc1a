#pragma once

#include "llm/json_raw.hpp"
#include "llm/stream_grammar.hpp"
#include "llm/upstream_failure.hpp"
#include "llm/usage.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// Why an answer ended, in no dialect's words.
enum class stop_cause : std::uint8_t {
  end_turn,
  max_tokens,
  stop_sequence,
  tool_use,
  refusal,
  pause_turn,
  context_window,
};

/// What proves a thought to the provider that had it, and where it is from.
struct thought_seal {
  enum class origin : std::uint8_t {
    claude_signature,
    claude_redacted, ///< The whole thought, encrypted: a block of its own.
    responses_item,  ///< encrypted_content of a reasoning item.
  };
  origin from = origin::claude_signature;
  raw_text data;
  raw_text item_id; ///< Of a responses_item.
};

/// Takes an answer piece by piece, in the order in which an upstream told it. A reader (one per
/// dialect) calls it; a writer (one per dialect) or a collector is one. All texts are valid for the
/// call alone.
class answer_sink {
public:
  answer_sink() = default;
  answer_sink(const answer_sink&) = delete;
  answer_sink& operator=(const answer_sink&) = delete;
  virtual ~answer_sink() = default;

  /// Before anything else; may be repeated.
  virtual void start() = 0;
  virtual void reasoning(raw_text delta) = 0;
  virtual void seal(const thought_seal& seal) = 0;
  virtual void text(raw_text delta) = 0;
  virtual void refusal(raw_text delta) = 0;
  /// The text or thought that grew until now is complete; another one is a new block.
  virtual void end_block() = 0;

  /// Tools count from 0 in the order of their appearance. Several may be open at once. `name` is
  /// the upstream's.
  virtual void open_tool(std::size_t tool, raw_text id, raw_text name) = 0;
  /// A fragment of the JSON text of the arguments.
  virtual void arguments(std::size_t tool, raw_text delta) = 0;
  /// Where the upstream tells it; end() closes the others.
  virtual void close_tool(std::size_t tool) = 0;

  virtual void ping() = 0;

  /// The answer is complete. Nothing follows.
  virtual void end(stop_cause cause, const usage& tokens) = 0;
  /// The answer will never be complete. Nothing follows.
  virtual void fail(const upstream_failure& failed) = 0;

  /// What made it impossible to go on; empty while all is well.
  std::string_view breach() const { return breach_; }

protected:
  /// The first reason stays. `why` is a literal.
  void break_off(std::string_view why) {
    if (!breach_.empty())
      return;
    breach_ = why;
    on_breach();
  }
  virtual void on_breach() {}

  /// Whether a call can be told to any client: none of them knows what to do without these.
  bool is_named(raw_text id, raw_text name) {
    if (id.empty() || name.empty())
      break_off("The upstream called a tool without a name or an id");
    return breach_.empty();
  }

private:
  std::string_view breach_;
};

/// A sink that produces a client's stream. A writer tells its grammar every piece that it hears and
/// every step that it is about to write.
class stream_writer : public answer_sink {
public:
  explicit stream_writer(stream_grammar::order blocks) : grammar_(blocks) {}

  /// Where the next pieces are appended to.
  void write_to(std::string& out) { out_ = &out; }

  /// The steps that led to the breach, as text without content; empty while there is none.
  const std::string& evidence() const { return evidence_; }

protected:
  std::string& out() { return *out_; }

  /// Whether the grammar allowed what it was told last: only then is it written.
  bool holds() {
    if (!grammar_.breach().empty())
      break_off(grammar_.breach());
    return breach().empty();
  }

  stream_grammar grammar_;

private:
  void on_breach() final { evidence_ = grammar_.trail().to_text(); }

  std::string* out_ = nullptr;
  std::string evidence_;
};

} // namespace axonhub::llm
