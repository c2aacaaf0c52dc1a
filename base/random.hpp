#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace axonhub {

/// 64 bits that nobody can guess; buffered per thread, so cheap enough for every request.
std::uint64_t random_bits();

/// `size` bytes that nobody can guess.
std::string random_bytes(std::size_t size);

} // namespace axonhub
