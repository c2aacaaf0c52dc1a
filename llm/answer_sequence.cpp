#include "llm/answer_sequence.hpp"

#include "llm/answer_reader.hpp"

namespace axonhub::llm {

void answer_sequence::start() {
  if (grammar_.has_started())
    return;
  grammar_.hear(stream_step::start);
  grammar_.start();
  write_start();
}

void answer_sequence::open(block_kind kind, raw_text id, raw_text name) {
  close();
  index_ = next_++;
  open_ = kind;
  grammar_.open(kind, index_);
  if (holds())
    write_open(kind, index_, id, name);
}

void answer_sequence::close() {
  if (open_ == block_kind::none)
    return;
  grammar_.close(open_, index_);
  if (holds())
    write_close(open_, index_, carrier_);
  carrier_.clear();
  open_ = block_kind::none;
}

void answer_sequence::grow(block_kind kind, raw_text delta) {
  if (open_ != kind)
    open(kind, {}, {});
  grammar_.grow(kind, index_);
  if (holds())
    write_delta(kind, index_, delta);
}

void answer_sequence::end_block() {
  grammar_.hear(stream_step::close);
  if (open_ != block_kind::tool)
    close();
}

void answer_sequence::seal(const thought_seal& seal) {
  grammar_.hear(stream_step::seal, block_kind::thinking);
  auto carrier = carry(seal);
  if (carrier.empty())
    return;
  if (seal.from == thought_seal::origin::claude_redacted) {
    open(block_kind::redacted, {}, {});
    carrier_ = std::move(carrier);
    close();
    return;
  }
  if (open_ == block_kind::none) // a thought whose text is kept from us
    open(block_kind::thinking, {}, {});
  if (open_ == block_kind::thinking)
    carrier_ = std::move(carrier);
}

void answer_sequence::open_tool(std::size_t at, raw_text id, raw_text name) {
  grammar_.hear(stream_step::open, block_kind::tool, at);
  if (at >= tools_.size())
    tools_.resize(at + 1);
  auto& t = tools_[at];
  t.id = id;
  t.name = name;
  if (is_named(id, name) && open_ != block_kind::tool && waiting_ == at)
    write_tool(at);
}

void answer_sequence::write_tool(std::size_t at) {
  auto& t = tools_[at];
  waiting_ = at + 1;
  live_ = at;
  t.is_written = true;
  open(block_kind::tool, t.id, t.name);
  if (!t.held.empty())
    grow_tool(at, t.held);
  held_bytes_ -= t.held.size();
  std::string{}.swap(t.held);
}

void answer_sequence::arguments(std::size_t at, raw_text delta) {
  grammar_.hear(stream_step::grow, block_kind::tool, at);
  grow_tool(at, delta);
}

void answer_sequence::grow_tool(std::size_t at, raw_text delta) {
  auto& t = tools_[at];
  if (is_live(at)) {
    grow(block_kind::tool, delta);
    return;
  }
  if (t.is_written) {
    break_off("A tool's arguments go on behind its end");
    return;
  }
  t.held += delta;
  held_bytes_ += delta.size();
  if (held_bytes_ > most_held_bytes)
    break_off("Too much of the answer is out of its order");
}

void answer_sequence::close_tool(std::size_t at) {
  grammar_.hear(stream_step::close, block_kind::tool, at);
  tools_[at].is_complete = true;
  if (is_live(at))
    close();
  if (open_ != block_kind::tool)
    open_next_tools();
}

/// Gives the turn to the tools that wait, until one that may still grow has it.
void answer_sequence::open_next_tools() {
  while (waiting_ < tools_.size() && open_ != block_kind::tool) {
    write_tool(waiting_);
    if (tools_[live_].is_complete)
      close();
  }
}

void answer_sequence::end(stop_cause cause, const usage& tokens) {
  grammar_.hear(stream_step::end);
  start();
  close();
  while (waiting_ < tools_.size()) {
    write_tool(waiting_);
    close();
  }
  if (!holds())
    return;
  grammar_.end();
  if (holds())
    write_end(cause, tokens);
}

void answer_sequence::fail(const upstream_failure& failed) {
  grammar_.hear(stream_step::fail);
  if (grammar_.has_ended())
    return;
  start();
  grammar_.fail();
  write_failure(failed);
}

} // namespace axonhub::llm
