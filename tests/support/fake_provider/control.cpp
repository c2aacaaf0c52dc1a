#include <nlohmann/json.hpp>

#include "tests/support/fake_provider/provider.hpp"

namespace axonhub::fake {

namespace {

using nlohmann::json;

/// Sets one member; false when there is no such setting.
bool set_one(settings& set, const std::string& name, const json& value) {
  if (name == "fault") {
    set.wrong = value.is_null() ? std::nullopt : parse_fault(value.get<std::string>());
    set.left = set.wrong ? set.wrong->times : 0;
    return value.is_null() || set.wrong.has_value();
  }
  if (name == "for") {
    set.left = value.is_number() ? value.get<std::uint64_t>() : 0; // else "until cleared"
  } else if (name == "path") {
    set.path = value.get<std::string>();
  } else if (name == "delta_count") {
    set.shape.deltas = value.get<std::size_t>();
  } else if (name == "delta_bytes") {
    set.shape.delta_bytes = value.get<std::size_t>();
  } else if (name == "stamp") {
    set.shape.stamp = value.get<bool>();
  } else if (name == "interval_ms") {
    set.interval = milliseconds{value.get<std::int64_t>()};
  } else if (name == "delay_ms") {
    set.delay = milliseconds{value.get<std::int64_t>()};
  } else if (name == "tool") {
    set.tool = value.value("name", "");
    set.tool_inputs.clear();
    for (const auto& input : value.at("inputs"))
      set.tool_inputs.push_back(input.dump());
    return set.tool_inputs.size() == 2;
  } else if (name == "oauth_usage") {
    set.oauth_usage = value.is_null() ? std::string{} : value.dump();
  } else if (name == "headers") {
    set.extra_headers.clear();
    for (const auto& [header, text] : value.items())
      set.extra_headers += header + ": " + text.get<std::string>() + "\r\n";
  } else {
    return false;
  }
  return true;
}

std::string json_answer(std::uint32_t status, const json& body) {
  return whole_answer(status, "application/json",
                      body.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace

bool provider::is_control(const request_head& head) { return head.target.starts_with("/__fake/"); }

std::string provider::configure(std::string_view body) {
  try {
    auto next = set_;
    const auto wanted = json::parse(body);
    if (wanted.contains("fault") && !set_one(next, "fault", wanted["fault"]))
      return json_answer(400, {{"error", "unknown fault"}});
    for (const auto& [name, value] : wanted.items())
      if (name != "fault" && !set_one(next, name, value))
        return json_answer(400, {{"error", "unknown setting " + name}});
    set_ = std::move(next);
    return json_answer(200, {{"ok", true}});
  } catch (const json::exception& e) {
    return json_answer(400, {{"error", e.what()}});
  }
}

std::string provider::control(const request_head& head, std::string_view body) {
  const auto path = head.path();
  if (path == "/__fake/stats")
    return json_answer(200, seen.stats());
  if (path == "/__fake/requests")
    return json_answer(200, seen.requests());
  if (path == "/__fake/last_body")
    return whole_answer(200, "application/octet-stream", seen.last_body());
  if (path == "/__fake/config" && head.method == "POST")
    return configure(body);
  if (path == "/__fake/reset" && head.method == "POST") {
    set_ = {};
    met_.clear();
    cached_.clear();
    seen.clear();
    return json_answer(200, {{"ok", true}});
  }
  return json_answer(404, {{"error", "no such control"}});
}

} // namespace axonhub::fake
