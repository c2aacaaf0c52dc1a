#pragma once

#include <cstddef>

namespace axonhub::llm {

/// A part of a text, by position: it stays true when the text is moved.
struct byte_span {
  std::size_t offset = 0;
  std::size_t size = 0;

  friend bool operator==(const byte_span&, const byte_span&) = default;
};

} // namespace axonhub::llm
