#pragma once

#include "base/time.hpp"
#include "llm/dialect.hpp"

#include <span>
#include <string>

namespace axonhub::llm {

/// One model as clients see it.
struct model_entry {
  std::string id;
  wall_time created_at;
  std::string display_name; ///< The id stands in when this is empty.
};

/// Anthropic's paging. At most one of the two ids is used: after_id, if both are given.
struct models_query {
  std::size_t limit = 20; ///< Brought into 1 to 1000.
  std::string after_id;
  std::string before_id;
};

/// The answer to GET /v1/models. Anthropic's is a page, empty when the query names an id that is
/// not in the list; OpenAI's always has all models.
std::string models_page(dialect d, std::span<const model_entry> models, const models_query& query);

/// The answer to GET /v1/models/{id}.
std::string model_page(dialect d, const model_entry& model);

} // namespace axonhub::llm
