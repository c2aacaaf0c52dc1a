#include "base/random.hpp"

#include <sodium.h>

#include <array>

namespace axonhub {

std::uint64_t random_bits() {
  thread_local std::array<std::uint64_t, 64> pool;
  thread_local std::size_t left = 0;
  if (left == 0) {
    randombytes_buf(pool.data(), sizeof(pool));
    left = pool.size();
  }
  return pool[--left];
}

std::string random_bytes(std::size_t size) {
  auto bytes = std::string(size, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

} // namespace axonhub
