#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "net/answer.hpp"

// Included by sources of the admin API only: it is heavy.
namespace axonhub::net {

/// Keeps the order in which fields were added, so that answers read like the contract.
using json = nlohmann::ordered_json;

/// A request's body: one object; an empty body is an empty one. Throws a problem for anything else,
/// for a field that comes twice and for deep nesting.
json parse_object(std::string_view body);

/// Bytes that are no UTF-8 become U+FFFD.
std::string to_text(const json& value);

answer json_answer(int status, const json& value);

/// null where there is nothing.
json to_json(std::optional<wall_time> t);
json to_json(std::optional<milliseconds> d);
json text_or_null(std::string_view text);

} // namespace axonhub::net
