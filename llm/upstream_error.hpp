#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace axonhub::llm {

/// An error as the upstream told it. Each field is empty when it was not told.
struct upstream_error {
  std::string type;         ///< "overloaded_error", "insufficient_quota", ...
  std::string message;      ///< For people.
  std::string code;         ///< OpenAI's code: "context_length_exceeded", "model_not_found", ...
  std::uint16_t status = 0; ///< A code that is an HTTP status; 0: none was told.

  bool is_told() const { return !type.empty() || !message.empty() || !code.empty() || status != 0; }

  friend bool operator==(const upstream_error&, const upstream_error&) = default;
};

/// Reads an error body in Anthropic's or OpenAI's shape, or one of the looser ones around them
/// (`error`, `message` or `detail` as a text, vLLM's flat object). All fields are empty for
/// anything else.
upstream_error read_error_body(std::string_view body);

} // namespace axonhub::llm
