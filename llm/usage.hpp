#pragma once

#include <cstdint>

namespace axonhub::llm {

/// Tokens of one answer by class. The prompt is input + cache_read + cache_write. The write's two
/// lifetimes are parts of cache_write, reasoning is a part of output.
struct usage {
  std::uint64_t input = 0; ///< Neither read from nor written to the cache.
  std::uint64_t cache_read = 0;
  std::uint64_t cache_write = 0;
  std::uint64_t cache_write_5m = 0;
  std::uint64_t cache_write_1h = 0;
  std::uint64_t output = 0;
  std::uint64_t reasoning = 0;
  bool seen = false; ///< False when the upstream told no numbers at all.

  std::uint64_t prompt() const { return input + cache_read + cache_write; }

  friend bool operator==(const usage&, const usage&) = default;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, usage& x) {
    return f(x.input, x.cache_read, x.cache_write, x.cache_write_5m, x.cache_write_1h, x.output,
             x.reasoning, x.seen);
  }
};

} // namespace axonhub::llm
