#pragma once

#include <string>
#include <vector>

#include "llm/conversion.hpp"
#include "policy/capability.hpp"
#include "policy/entities.hpp"
#include "policy/model_mapping.hpp"

/// What a channel is: its type's row, and what its operator says about it.
namespace axonhub::policy {

/// A channel's rows, compiled once for many models. They must outlive it.
class capability_finder {
public:
  explicit capability_finder(const std::vector<model_capability>& rows);

  /// The row for a model: one of its exact name before the first pattern that matches.
  const model_capability* find(const std::string& model) const;

private:
  struct row {
    const model_capability* says;
    name_pattern pattern;
  };
  std::vector<row> rows_;
};

/// What a model of the channel takes; `row`: the operator's row for it, or null.
capability capability_of(const channel& c, const model_capability* row);
capability capability_of(const channel& c, const std::string& upstream_model);

/// The dialect of the channel's upstream.
llm::dialect dialect_of(const channel& c);

/// How the channel's upstream wants to be spoken to about a model, which has the upstream's name.
llm::upstream_traits traits_of(const channel& c, const std::string& upstream_model,
                               const model_capability* row);
llm::upstream_traits traits_of(const channel& c, const std::string& upstream_model);

} // namespace axonhub::policy
