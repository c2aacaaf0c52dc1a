#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace axonhub::llm {

/// In pixels.
struct image_size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// The size that the head of a PNG, JPEG or GIF in base64 states; none for another format, a head
/// that is damaged, or a side of 0. Looks at some bytes only and copies none.
std::optional<image_size> read_image_size(std::string_view base64);

} // namespace axonhub::llm
