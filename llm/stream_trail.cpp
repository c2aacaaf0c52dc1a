#include "llm/stream_trail.hpp"

#include <string_view>

namespace axonhub::llm {
namespace {

std::string_view name_of(stream_step s) {
  switch (s) {
    case stream_step::start:
      return "start";
    case stream_step::open:
      return "open";
    case stream_step::grow:
      return "grow";
    case stream_step::close:
      return "close";
    case stream_step::seal:
      return "seal";
    case stream_step::end:
      return "end";
    case stream_step::fail:
      return "fail";
  }
  return "?";
}

} // namespace

std::string_view to_text(block_kind k) {
  switch (k) {
    case block_kind::none:
      return "none";
    case block_kind::thinking:
      return "thinking";
    case block_kind::redacted:
      return "redacted";
    case block_kind::text:
      return "text";
    case block_kind::refusal:
      return "refusal";
    case block_kind::tool:
      return "tool";
  }
  return "?";
}

std::string stream_trail::to_text() const {
  auto out = std::string{};
  for (auto i = last_ + 1; i != last_ + 1 + most_steps; ++i) {
    const auto& [what, times] = entries_[i % most_steps];
    if (what == 0)
      continue;
    out.append(out.empty() ? "" : ", ").append((what & written) != 0 ? "out " : "in ");
    out += name_of(static_cast<stream_step>(what >> 24 & 0x7f));
    if (const auto kind = static_cast<block_kind>(what >> 16 & 0xff); kind != block_kind::none)
      out.append(1, ' ').append(llm::to_text(kind));
    if (const auto number = what & largest_number; number != 0)
      out.append(1, ' ').append(std::to_string(number - 1));
    if (times > 1)
      out.append(" x").append(std::to_string(times));
  }
  return out;
}

} // namespace axonhub::llm
