#pragma once

#include "llm/dialect.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace axonhub::llm {

/// What providers demand of a request's shape, as texts of what is broken; none: it is sound.
std::vector<std::string> broken_rules(dialect d, const nlohmann::json& request);

} // namespace axonhub::llm
