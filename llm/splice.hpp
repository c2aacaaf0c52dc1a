#pragma once

#include "llm/byte_span.hpp"

#include <string>
#include <string_view>

namespace axonhub::llm {

/// A text with one value replaced, as three parts for a gather write. `before` and `after` look
/// into the original, which must outlive this.
struct spliced_text {
  std::string_view before;
  std::string replacement; ///< A JSON string with its quotes.
  std::string_view after;

  std::size_t size() const { return before.size() + replacement.size() + after.size(); }
};

/// `text` with the value at `value` (quotes included) replaced by `name` as a JSON string.
spliced_text splice_name(std::string_view text, byte_span value, std::string_view name);

} // namespace axonhub::llm
