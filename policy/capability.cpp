#include "policy/capability.hpp"

#include <algorithm>

#include "policy/model_mapping.hpp"

namespace axonhub::policy {

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
