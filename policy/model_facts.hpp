#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "llm/effort.hpp"

namespace axonhub::policy {

/// What a model's name tells about how it wants to be asked, at whichever provider it runs. What is
/// not set is as the channel's type has it.
struct model_facts {
  std::optional<bool> reasons;           ///< false: it takes neither an effort nor thinking.
  std::optional<bool> adaptive_thinking; ///< false: thinking has a budget.
  std::optional<bool> sampling;          ///< false: it takes no temperature and no top_p.
  bool needs_responses = false; ///< OpenAI's Chat refuses it tools, unless the effort is none.
  std::optional<std::uint64_t> max_output_tokens;
  std::optional<llm::effort_range> efforts;
};

/// The row for an upstream's name of a model, with a path before it ("anthropic/claude-...") or
/// without.
model_facts facts_of_model(std::string_view upstream_model);

} // namespace axonhub::policy
