#pragma once

#include <cstdint>
#include <string_view>

namespace axonhub::llm {

/// What a part of an answer is.
enum class block_kind : std::uint8_t { none, thinking, redacted, text, refusal, tool };

std::string_view to_text(block_kind k);

} // namespace axonhub::llm
