#pragma once

#include <cstdint>
#include <string_view>

/// Hashes that are the same in every process and on every node, for choices that must agree
/// without talking. Not for anything an adversary may aim at.
namespace axonhub::policy {

/// Spreads every input bit over all output bits.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) {
  auto h = 0xcbf29ce484222325ull ^ mixed(seed);
  for (const auto c : text)
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return mixed(h);
}

} // namespace axonhub::policy
