#include "llm/token_overheads.hpp"

#include <algorithm>

#include "llm/image_size.hpp"

namespace axonhub::llm {
namespace {

constexpr auto openai_overheads =
    token_overheads{.request = 3, .message = 3, .call = 6, .tools = 12, .tool = 8, .hosted = 300};
constexpr auto claude_overheads =
    token_overheads{.request = 3, .message = 4, .call = 10, .tools = 346, .tool = 8, .hosted = 500};

constexpr auto unknown_claude_image = std::uint64_t{1500};
constexpr auto low_openai_image = std::uint64_t{85};
constexpr auto openai_tile = std::uint64_t{170};

struct box {
  std::uint64_t width = 0;
  std::uint64_t height = 0;

  /// Smaller by most/side, for a side that is longer than `most`.
  void shrink(std::uint64_t side, std::uint64_t most) {
    if (side <= most)
      return;
    width = width * most / side;
    height = height * most / side;
  }
};

/// 750 pixels a token, after the longer side was reduced to 1568; at most 1600.
std::uint64_t claude_image_tokens(box b) {
  b.shrink(std::max(b.width, b.height), 1568);
  return std::clamp(b.width * b.height / 750, std::uint64_t{1}, std::uint64_t{1600});
}

/// 85, and 170 for each tile of 512 by 512, after the image was made to fit 2048 by 2048 and its
/// shorter side reduced to 768.
std::uint64_t openai_image_tokens(box b) {
  b.shrink(std::max(b.width, b.height), 2048);
  b.shrink(std::min(b.width, b.height), 768);
  const auto tiles = [](std::uint64_t side) {
    return std::max(std::uint64_t{1}, (side + 511) / 512);
  };
  return low_openai_image + openai_tile * tiles(b.width) * tiles(b.height);
}

constexpr std::uint64_t decoded_size(std::string_view base64) { return base64.size() / 4 * 3; }

} // namespace

const token_overheads& overheads_of(tokenizer_family family) {
  return family == tokenizer_family::openai ? openai_overheads : claude_overheads;
}

std::uint64_t image_tokens(std::string_view base64, bool low_detail, tokenizer_family family) {
  const auto size = read_image_size(base64);
  if (family == tokenizer_family::claude)
    return size ? claude_image_tokens({size->width, size->height}) : unknown_claude_image;
  if (low_detail)
    return low_openai_image;
  return size ? openai_image_tokens({size->width, size->height})
              : low_openai_image + 4 * openai_tile; // as for 1024 by 1024
}

std::uint64_t document_tokens(std::string_view base64) {
  return (1 + decoded_size(base64) / 50'000) * 2'000;
}

std::uint64_t audio_tokens(std::string_view base64) { return decoded_size(base64) / 1'600; }

} // namespace axonhub::llm
