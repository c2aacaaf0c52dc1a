#pragma once

#include <string>
#include <vector>

#include "actors/protocol.hpp"
#include "net/task.hpp"

namespace axonhub::net {

/// What is left of a key's budgets; empty for a key without limits.
task<result<policy::key_view>> view_of(const actors::world& w, const key_id& id);

/// What GET /v1/key answers: JSON.
std::string key_page(const policy::catalog& c, const policy::api_key& key,
                     const std::vector<std::string>& models, const policy::key_view& left);

} // namespace axonhub::net
