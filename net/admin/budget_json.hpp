#pragma once

#include <optional>
#include <vector>

#include "net/admin/fields.hpp"
#include "net/admin/json.hpp"
#include "policy/key_ledger.hpp"

/// Budgets and quotas as the admin API and GET /v1/key show them.
namespace axonhub::net {

/// Money is decimal text, a count is a number.
json amount_to_json(policy::decimal amount, policy::budget_unit unit);

json to_json(const policy::period& p);
json to_json(const policy::budget& b);
/// What is left of one budget.
json to_json(const policy::budget_state& b);
/// null where there is none.
json to_json(const std::optional<policy::profile_quota>& q);

/// A decimal: a whole number, or text without sign and exponent. Throws a problem.
policy::decimal read_decimal(const json& value, const std::string& pointer,
                             int places = policy::decimal::places);

/// The list in `budgets`. One with the unit and period of a budget that is there keeps what was
/// counted for that.
void read_budgets(field_reader& fields, std::vector<policy::budget>& to);

/// The object in `quota`; one with the same period keeps what was counted.
void read_quota(field_reader& fields, std::optional<policy::profile_quota>& to);

} // namespace axonhub::net
