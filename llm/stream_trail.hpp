#pragma once

#include "llm/block_kind.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace axonhub::llm {

/// One thing that happens in a stream.
enum class stream_step : std::uint8_t { start = 1, open, grow, close, seal, end, fail };

/// The latest steps of a stream: what its reader heard from the upstream, and what was about to be
/// written for it. It keeps kinds and numbers alone, no text, name or id, so that it may be logged.
/// What repeats, also in turns of two, takes one place and is counted. A step costs a few
/// instructions and no memory.
class stream_trail {
public:
  static constexpr std::size_t most_steps = 32;

  /// Of blocks without a number.
  static constexpr std::size_t unnumbered = ~std::size_t{0};

  void heard(stream_step what, block_kind kind = block_kind::none,
             std::size_t number = unnumbered) {
    add(pack(0, what, kind, number));
  }
  void wrote(stream_step what, block_kind kind = block_kind::none,
             std::size_t number = unnumbered) {
    add(pack(written, what, kind, number));
  }

  /// The steps, the oldest first: "in start, out start, in grow text x7, out open text 0, ...".
  std::string to_text() const;

private:
  // What happened in one number: its side, the step, the kind, and the number plus one.
  static constexpr std::uint32_t written = 0x8000'0000;
  static constexpr std::uint32_t largest_number = 0xffff;

  struct entry {
    std::uint32_t what = 0; ///< 0: none yet.
    std::uint32_t times = 0;
  };

  static std::uint32_t pack(std::uint32_t side, stream_step what, block_kind kind,
                            std::size_t number) {
    return side | static_cast<std::uint32_t>(what) << 24 | static_cast<std::uint32_t>(kind) << 16 |
           static_cast<std::uint32_t>(std::min<std::size_t>(number + 1, largest_number));
  }

  void add(std::uint32_t what) {
    auto& last = entries_[last_ % most_steps];
    auto& one_before = entries_[(last_ - 1) % most_steps];
    if (last.what == what)
      ++last.times;
    else if (one_before.what == what)
      ++one_before.times;
    else
      entries_[++last_ % most_steps] = {what, 1};
  }

  std::array<entry, most_steps> entries_{};
  std::uint32_t last_ = 0;
};

} // namespace axonhub::llm
