#include "base/ids.hpp"

#include <sodium.h>

#include <array>
#include <cstdint>

#include "base/random.hpp"

namespace axonhub {
namespace {

constexpr std::size_t id_characters = 12;

std::string spell(std::string_view prefix, std::uint64_t bits) {
  static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  auto id = std::string{prefix};
  for (std::size_t i = 0; i < id_characters; ++i, bits >>= 5)
    id.push_back(alphabet[bits & 31]);
  return id;
}

} // namespace

std::string make_id(std::string_view prefix) { return spell(prefix, random_bits()); }

std::string derive_id(std::string_view prefix, std::string_view text) {
  auto digest = std::array<unsigned char, 16>{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  auto bits = std::uint64_t{0};
  for (std::size_t i = 0; i < sizeof(bits); ++i)
    bits = bits << 8 | digest[i];
  return spell(prefix, bits);
}

} // namespace axonhub
