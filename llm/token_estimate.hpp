#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "llm/dialect.hpp"

namespace axonhub::llm {

/// Whose tokens are estimated. What speaks neither (other vendors) is closest to openai.
enum class tokenizer_family : std::uint8_t { openai, claude };

/// About how many tokens a text has; 0 for none only. Appended text never lowers it. One pass,
/// less than 2 ms for a MB; docs/token-estimate.md has the errors measured. What is no UTF-8 counts
/// by its bytes.
std::uint64_t estimate_text_tokens(std::string_view utf8, tokenizer_family family);

/// About how many input tokens a request has: its system text, messages, tools and images, with
/// what a provider puts around them. Base64 data never counts as text. At least 1. `body` has
/// body_padding free bytes behind its end (llm/peek.hpp); one that is no JSON object counts a
/// quarter of its bytes.
std::uint64_t estimate_request_tokens(dialect d, const std::string& body, tokenizer_family family);

/// The body of an answer to Anthropic's count_tokens.
std::string to_count_answer(std::uint64_t input_tokens);

} // namespace axonhub::llm
