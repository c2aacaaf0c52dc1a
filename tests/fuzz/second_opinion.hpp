#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What a parser that is not the gateway's makes of JSON. It is built without sanitizers and its
/// library stays in one source: else most of the build would be spent on it.
namespace axonhub::fuzz {

/// All is false or empty for a text that is no JSON.
struct json_facts {
  bool is_valid = false, is_object = false;
  std::optional<std::string> model; ///< Of an object, if it is a string.
  bool stream = false;              ///< An object's "stream" is true.
};

json_facts read_json(std::string_view text);

/// Whether this JSON value is a string that says `text`.
bool is_json_string(std::string_view value, std::string_view text);

/// Whether `changed` is the object `before` with this model, and otherwise the same.
bool is_with_model(std::string_view changed, std::string_view before, const std::string& model);

} // namespace axonhub::fuzz
