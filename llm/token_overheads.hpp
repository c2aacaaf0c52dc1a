#pragma once

#include <cstdint>
#include <string_view>

#include "llm/token_estimate.hpp"

namespace axonhub::llm {

/// Tokens that a provider puts around the text of a request. What is published counts as published
/// (Claude's text about tools, OpenAI's 3 for a message), the rest is rounded from what requests
/// were seen to cost.
struct token_overheads {
  std::uint64_t request = 3; ///< Once.
  std::uint64_t message = 4; ///< Role and separators.
  std::uint64_t call = 8;    ///< Around a tool call, or a tool's result.
  std::uint64_t tools = 0;   ///< Once, when a request brings tools.
  std::uint64_t tool = 8;    ///< Each.
  std::uint64_t hosted = 0;  ///< More for a tool that the provider itself describes to the model.
};

const token_overheads& overheads_of(tokenizer_family family);

/// An image by its size in pixels, where the head of its base64 tells it (llm/image_size.hpp), or a
/// fixed number. `low_detail` matters to OpenAI's alone.
std::uint64_t image_tokens(std::string_view base64, bool low_detail, tokenizer_family family);

/// A PDF by its bytes, as if each started 50 KB were a page of 2,000 tokens.
std::uint64_t document_tokens(std::string_view base64);

/// A recording by its bytes, as if it were 10 tokens for each second of 128 kbit/s.
std::uint64_t audio_tokens(std::string_view base64);

} // namespace axonhub::llm
