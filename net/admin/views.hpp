#pragma once

#include "actors/protocol.hpp"
#include "net/admin/json.hpp"
#include "policy/record.hpp"

/// What was observed, as the admin API shows it.
namespace axonhub::net {

json to_json(const llm::usage& tokens);
/// null where it is not known.
json to_json(const std::optional<policy::cost>& cost);
json to_json(const policy::request_record& record);
json to_json(const std::optional<policy::binding>& bound);
/// Each with its model as the upstream calls it.
json to_json(const std::vector<policy::model_binding>& bound);
json to_json(const policy::health_view& health);
/// A channel outside a plan, as a refused candidate.
json to_json(const policy::outsider& o);
json attempts_to_json(const policy::request_record& record);

} // namespace axonhub::net
