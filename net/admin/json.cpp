#include "net/admin/json.hpp"

#include <set>
#include <vector>

#include "net/admin/problem.hpp"

namespace axonhub::net {
namespace {

constexpr auto deepest = 32;

} // namespace

json parse_object(std::string_view body) {
  if (body.empty())
    return json::object();
  auto seen = std::vector<std::set<std::string>>{};
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > deepest)
      refuse(400, "The body is nested too deeply");
    if (event == json::parse_event_t::object_start)
      seen.emplace_back();
    else if (event == json::parse_event_t::object_end)
      seen.pop_back();
    else if (event == json::parse_event_t::key && !seen.back().insert(parsed).second)
      refuse_field("/" + parsed.get<std::string>(), "is there twice");
    return true;
  };
  auto value = json::parse(body, check, false);
  if (!value.is_object())
    refuse(400, "The body must be one JSON object");
  return value;
}

std::string to_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

answer json_answer(int status, const json& value) {
  return {.status = status, .body = to_text(value)};
}

json to_json(std::optional<wall_time> t) { return t ? json(to_rfc3339(*t)) : json(nullptr); }

json to_json(std::optional<milliseconds> d) { return d ? json(d->count()) : json(nullptr); }

json text_or_null(std::string_view text) { return text.empty() ? json(nullptr) : json(text); }

} // namespace axonhub::net
