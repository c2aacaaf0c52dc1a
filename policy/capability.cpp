#include "policy/capability.hpp"

#include <algorithm>
#include <array>

#include "policy/model_mapping.hpp"

namespace axonhub::policy {

bool runs_at_the_client(std::string_view tool_type) {
  constexpr auto known = std::to_array<std::string_view>( // of the Responses API
      {"namespace", "local_shell", "shell", "apply_patch", "tool_search"});
  return std::ranges::find(known, tool_type) != known.end();
}

const model_capability* find_capability(const std::vector<model_capability>& rows,
                                        const std::string& model) {
  if (const auto exact = std::ranges::find(rows, model, &model_capability::model);
      exact != rows.end())
    return &*exact;
  const auto fits = [&](const model_capability& row) { return names(row.model, model); };
  const auto found = std::ranges::find_if(rows, fits);
  return found == rows.end() ? nullptr : &*found;
}

} // namespace axonhub::policy
