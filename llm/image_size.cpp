#include "llm/image_size.hpp"

#include <array>

namespace axonhub::llm {
namespace {

constexpr auto no_digit = std::uint8_t{0xff};

constexpr auto base64_digits = [] {
  auto table = std::array<std::uint8_t, 256>{};
  table.fill(no_digit);
  constexpr auto alphabet =
      std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"};
  for (auto i = std::size_t{0}; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

/// The bytes that a base64 text stands for, decoded where they are looked at. What lies behind the
/// end or is damaged reads as 0.
class base64_bytes {
public:
  explicit base64_bytes(std::string_view text) : text_(text) {}

  std::size_t size() const { return text_.size() / 4 * 3; }

  std::uint32_t operator[](std::size_t i) const {
    const auto at = i / 3 * 4 + i % 3;
    if (at + 1 >= text_.size())
      return 0;
    const auto left = std::uint32_t{digit(at)};
    const auto right = std::uint32_t{digit(at + 1)};
    if (left == no_digit || right == no_digit)
      return 0;
    const auto shift = 2 * (i % 3 + 1);
    return (left << shift | right >> (6 - shift)) & 0xffU;
  }

  /// Two bytes, the higher one first.
  std::uint32_t pair(std::size_t i) const { return (*this)[i] << 8U | (*this)[i + 1]; }

  bool starts_with(std::string_view bytes) const {
    for (auto i = std::size_t{0}; i < bytes.size(); ++i)
      if ((*this)[i] != static_cast<unsigned char>(bytes[i]))
        return false;
    return true;
  }

private:
  std::uint8_t digit(std::size_t at) const {
    return base64_digits[static_cast<unsigned char>(text_[at])];
  }

  std::string_view text_;
};

/// Goes from segment to segment to the one that starts the frame.
image_size read_jpeg_size(const base64_bytes& bytes) {
  for (auto i = std::size_t{2}; i + 9 <= bytes.size() && bytes[i] == 0xff;) {
    const auto marker = bytes[i + 1];
    if (marker == 0xff) { // fill
      ++i;
      continue;
    }
    const auto is_frame =
        marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (is_frame)
      return {bytes.pair(i + 7), bytes.pair(i + 5)};
    i += 2 + bytes.pair(i + 2);
  }
  return {};
}

image_size read_size(const base64_bytes& bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv))
    return {bytes.pair(16) << 16U | bytes.pair(18), bytes.pair(20) << 16U | bytes.pair(22)};
  if (bytes.starts_with("\xff\xd8\xff"sv))
    return read_jpeg_size(bytes);
  if (bytes.starts_with("GIF8"sv)) // its numbers have the lower byte first
    return {bytes[7] << 8U | bytes[6], bytes[9] << 8U | bytes[8]};
  return {};
}

} // namespace

std::optional<image_size> read_image_size(std::string_view base64) {
  const auto size = read_size(base64_bytes{base64});
  if (size.width == 0 || size.height == 0)
    return std::nullopt;
  return size;
}

} // namespace axonhub::llm
