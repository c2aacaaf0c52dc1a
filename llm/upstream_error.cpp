#include "llm/upstream_error.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"

namespace axonhub::llm {

upstream_error read_error_body(std::string_view body) {
  auto error = upstream_error{};
  auto lent = lent_parser{};
  const auto read = [&error](std::string_view key, json_value& v) {
    // Each value once: simdjson has no room for unescaping a text a second time.
    return tells_error(key, v, error) ? read_error_field(key, v, error) : simdjson::SUCCESS;
  };
  const auto e = scan_text(lent, lent.copy(body), read);
  return e ? upstream_error{} : error;
}

} // namespace axonhub::llm
