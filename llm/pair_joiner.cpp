#include "llm/pair_joiner.hpp"

namespace axonhub::llm {
namespace {

constexpr auto escape_size = std::size_t{6}; // \uXXXX

/// Whether the last thing said is the first half of a pair.
bool ends_with_half(raw_text text) {
  if (text.size() < escape_size)
    return false;
  const auto at = text.size() - escape_size;
  const auto tail = text.substr(at);
  const auto is_half = tail[0] == '\\' && tail[1] == 'u' && (tail[2] | 0x20) == 'd' &&
                       raw_text{"89abAB"}.find(tail[3]) != raw_text::npos;
  const auto before = text.find_last_not_of('\\', at); // of an odd run the last one escapes
  return is_half && (at - before) % 2 == 1;
}

/// A text that is told whole, without halves.
raw_text mended(raw_text text, std::string& copy, std::uint64_t& replaced) {
  if (!may_hold_surrogates(text))
    return text;
  copy = text;
  replaced += mend_surrogates(copy.data(), copy.size());
  return copy;
}

} // namespace

raw_text half_pair::join_slowly(raw_text delta, std::uint64_t& replaced) {
  joined_ = half_;
  joined_ += delta;
  half_.clear();
  if (ends_with_half(joined_)) {
    half_ = joined_.substr(joined_.size() - escape_size);
    joined_.resize(joined_.size() - escape_size);
  }
  replaced += mend_surrogates(joined_.data(), joined_.size());
  return joined_;
}

raw_text half_pair::end(std::uint64_t& replaced) {
  if (half_.empty())
    return {};
  half_.clear();
  ++replaced;
  return "\\ufffd";
}

void pair_joiner::grow(block_kind kind, teller tell, raw_text delta) {
  if (kind_ != kind) {
    end_text();
    end_tools();
    kind_ = kind;
    tell_ = tell;
  }
  if (const auto joined = text_.join(delta, replaced_); !joined.empty())
    (to_.*tell)(joined);
}

void pair_joiner::reasoning(raw_text delta) {
  grow(block_kind::thinking, &answer_sink::reasoning, delta);
}

void pair_joiner::text(raw_text delta) { grow(block_kind::text, &answer_sink::text, delta); }

void pair_joiner::refusal(raw_text delta) {
  grow(block_kind::refusal, &answer_sink::refusal, delta);
}

void pair_joiner::end_text() {
  if (const auto rest = text_.end(replaced_); !rest.empty())
    (to_.*tell_)(rest);
  kind_ = block_kind::none;
}

void pair_joiner::end_tool(std::size_t tool) {
  if (tool >= tools_.size())
    return;
  if (const auto rest = tools_[tool].end(replaced_); !rest.empty())
    to_.arguments(tool, rest);
}

void pair_joiner::end_tools() {
  for (auto tool = std::size_t{0}; tool < tools_.size(); ++tool)
    end_tool(tool);
}

void pair_joiner::seal(const thought_seal& seal) {
  end_text();
  end_tools();
  auto data = std::string{};
  auto id = std::string{};
  to_.seal({seal.from, mended(seal.data, data, replaced_), mended(seal.item_id, id, replaced_)});
}

void pair_joiner::end_block() {
  end_text();
  to_.end_block();
}

void pair_joiner::open_tool(std::size_t tool, raw_text id, raw_text name) {
  end_text();
  auto own_id = std::string{};
  auto own_name = std::string{};
  to_.open_tool(tool, mended(id, own_id, replaced_), mended(name, own_name, replaced_));
}

void pair_joiner::arguments(std::size_t tool, raw_text delta) {
  if (kind_ != block_kind::none)
    end_text();
  if (tool >= tools_.size())
    tools_.resize(tool + 1);
  if (const auto joined = tools_[tool].join(delta, replaced_); !joined.empty())
    to_.arguments(tool, joined);
}

void pair_joiner::close_tool(std::size_t tool) {
  end_tool(tool);
  to_.close_tool(tool);
}

void pair_joiner::end(stop_cause cause, const usage& tokens) {
  end_text();
  end_tools();
  to_.end(cause, tokens);
}

} // namespace axonhub::llm
