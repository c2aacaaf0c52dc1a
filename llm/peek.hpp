#pragma once

#include "base/error.hpp"
#include "llm/byte_span.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace axonhub::llm {

/// The free bytes a body's buffer must have behind its end (capacity - size) to be read in place.
constexpr std::size_t body_padding = 64;

/// What routing needs to know of a request body; the rest is not looked at.
struct request_peek {
  std::string model;
  byte_span model_value; ///< The model in the body, with its quotes.
  bool stream = false;
  /// max_tokens, max_completion_tokens or max_output_tokens: the largest given.
  std::optional<std::uint64_t> max_tokens;
  byte_span max_tokens_value;      ///< Where that one stands.
  bool continues_response = false; ///< previous_response_id is there and not null.
  std::string user_id;             ///< metadata.user_id; empty when absent or no string.
  std::string prompt_cache_key;
  /// Types of the tools that the provider runs itself ("web_search_20250305"): all that have a
  /// type other than "custom" and "function".
  std::vector<std::string> server_tools;
};

/// Reads a request body of any dialect. `body` has body_padding free bytes behind its end. Refused,
/// with a text for the client: what is no single JSON object in UTF-8, a key we read that comes
/// twice (the conversation's, too), a model that is missing or no text, a stream that is no
/// boolean. What is malformed inside a value that nobody here reads is the upstream's to refuse.
checked<request_peek> peek_request(const std::string& body);

} // namespace axonhub::llm
