#include "base/shared_text.hpp"

#include <new>
#include <ostream>

namespace axonhub {

void shared_text::share(std::string_view text) {
  auto* const memory = ::operator new(sizeof(block) + text.size() + 1);
  auto* const made = new (memory) block{1, static_cast<std::uint32_t>(text.size())};
  *std::copy_n(text.data(), text.size(), made->chars()) = '\0';
  words_ = {reinterpret_cast<std::uint64_t>(made), shared};
}

void shared_text::release() noexcept {
  auto* const held = block_of(words_);
  if (held->uses.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    held->~block();
    ::operator delete(held);
  }
}

std::ostream& operator<<(std::ostream& out, const shared_text& text) {
  return out << std::string_view{text};
}

} // namespace axonhub
