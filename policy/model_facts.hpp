#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "llm/conversion.hpp"

namespace axonhub::policy {

/// What a model's name tells about how it wants to be asked, at whichever provider it runs. What is
/// not set is as the channel's type has it.
/// The names are those of llm::upstream_traits.
struct model_facts {
  std::optional<bool> reasons;
  std::optional<llm::effort_range> efforts;
  std::optional<bool> sampling;
  std::optional<bool> json_schema;
  std::optional<std::uint64_t> max_output_tokens;
  // Claude's:
  std::optional<bool> adaptive_thinking;
  std::optional<llm::thinking_off> off;
  std::optional<bool> shows_thoughts;
  std::optional<bool> forced_tools;
  std::optional<bool> thinks_when_forced;
  std::optional<bool> sampling_pair;
  // OpenAI's:
  std::optional<bool> stops;
  std::optional<bool> verbosity;
  bool needs_responses = false; ///< OpenAI's Chat refuses it tools, unless the effort is none.
};

/// The row for an upstream's name of a model, with a path before it ("anthropic/claude-...") or
/// without; for a fine-tuned one that of its base.
model_facts facts_of_model(std::string_view upstream_model);

} // namespace axonhub::policy
