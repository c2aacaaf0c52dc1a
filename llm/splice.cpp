#include "llm/splice.hpp"

#include "base/json_text.hpp"

namespace axonhub::llm {

spliced_text splice_name(std::string_view text, byte_span value, std::string_view name) {
  auto parts =
      spliced_text{text.substr(0, value.offset), {}, text.substr(value.offset + value.size)};
  append_json_string(parts.replacement, name);
  return parts;
}

} // namespace axonhub::llm
