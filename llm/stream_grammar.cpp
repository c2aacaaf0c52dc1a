#include "llm/stream_grammar.hpp"

namespace axonhub::llm {

void stream_grammar::start() {
  trail_.wrote(stream_step::start);
  require(state_ == state::fresh, "A stream starts once");
  state_ = state::running;
}

void stream_grammar::open(block_kind kind, std::size_t index) {
  trail_.wrote(stream_step::open, kind, index);
  require(state_ == state::running, "A block opens between the start and the end");
  require(order_ == order::interleaved || open_ == block_kind::none, "Blocks are sequential");
  require(index == next_, "Blocks are numbered without gaps");
  next_ = index + 1;
  open_ = kind;
}

bool stream_grammar::is_open(block_kind kind, std::size_t index) const {
  if (order_ == order::interleaved)
    return kind == block_kind::tool && index < next_;
  return open_ == kind && index + 1 == next_;
}

void stream_grammar::grow(block_kind kind, std::size_t index) {
  trail_.wrote(stream_step::grow, kind, index);
  require(state_ == state::running && is_open(kind, index), "What grows is open and of that kind");
}

void stream_grammar::close(block_kind kind, std::size_t index) {
  trail_.wrote(stream_step::close, kind, index);
  require(state_ == state::running && is_open(kind, index), "What closes is open and of that kind");
  open_ = block_kind::none;
}

void stream_grammar::grow_unnumbered(block_kind kind) {
  trail_.wrote(stream_step::grow, kind);
  require(state_ == state::running, "Text comes between the start and the end");
}

void stream_grammar::end() {
  trail_.wrote(stream_step::end);
  require(state_ == state::running, "A stream ends once, after its start");
  require(order_ == order::interleaved || open_ == block_kind::none, "Nothing is open at the end");
  if (breach_.empty()) // else the failure is still to come
    state_ = state::ended;
}

void stream_grammar::fail() {
  trail_.wrote(stream_step::fail);
  require(state_ != state::ended, "Nothing follows the end");
  state_ = state::ended;
}

} // namespace axonhub::llm
