#include "store/value.hpp"

#include <sodium.h>

#include <array>

namespace axonhub::store {
namespace {

using checksum = std::array<unsigned char, crypto_shorthash_BYTES>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

checksum checksum_of(std::string_view key, std::string_view text) {
  auto seed = std::array<unsigned char, crypto_shorthash_KEYBYTES>{};
  auto sum = checksum{};
  crypto_shorthash(seed.data(), bytes_of(key), key.size(), seed.data());
  crypto_shorthash(sum.data(), bytes_of(text), text.size(), seed.data());
  return sum;
}

} // namespace

std::string wrap_value(std::string_view key, std::uint8_t version, std::string_view fields) {
  auto stored = std::string{};
  stored.reserve(1 + fields.size() + crypto_shorthash_BYTES);
  stored.push_back(static_cast<char>(version));
  stored += fields;
  const auto sum = checksum_of(key, stored);
  stored.append(sum.begin(), sum.end());
  return stored;
}

std::optional<unwrapped_value> unwrap_value(std::string_view key, std::string_view stored) {
  if (stored.size() < 1 + crypto_shorthash_BYTES)
    return std::nullopt;
  const auto text = stored.substr(0, stored.size() - crypto_shorthash_BYTES);
  const auto sum = checksum_of(key, text);
  if (!std::equal(sum.begin(), sum.end(), bytes_of(stored.substr(text.size()))))
    return std::nullopt;
  return unwrapped_value{static_cast<std::uint8_t>(text.front()), text.substr(1)};
}

} // namespace axonhub::store
