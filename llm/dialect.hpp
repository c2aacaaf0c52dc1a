#pragma once

#include <cstdint>
#include <string_view>

namespace axonhub::llm {

/// The protocols that clients and channels speak.
enum class dialect : std::uint8_t { anthropic, openai_chat, openai_responses };

/// The name used in configuration, records and metrics: "anthropic", "openai_chat",
/// "openai_responses".
std::string_view to_text(dialect d);

} // namespace axonhub::llm
