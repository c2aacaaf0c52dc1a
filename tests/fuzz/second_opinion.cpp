#include "tests/fuzz/second_opinion.hpp"

#include <nlohmann/json.hpp>

namespace axonhub::fuzz {

namespace {

using nlohmann::json;

json parse(std::string_view text) { return json::parse(text, nullptr, false); }

} // namespace

json_facts read_json(std::string_view text) {
  const auto value = parse(text);
  auto facts = json_facts{};
  facts.is_valid = !value.is_discarded();
  facts.is_object = value.is_object();
  if (!facts.is_object)
    return facts;
  if (const auto model = value.find("model"); model != value.end() && model->is_string())
    facts.model = model->get<std::string>();
  if (const auto stream = value.find("stream"); stream != value.end())
    facts.stream = *stream == true;
  return facts;
}

bool is_json_string(std::string_view value, std::string_view text) {
  const auto said = parse(value);
  return said.is_string() && said.get_ref<const std::string&>() == text;
}

bool is_with_model(std::string_view changed, std::string_view before, const std::string& model) {
  auto wanted = parse(before);
  if (!wanted.is_object())
    return false;
  wanted["model"] = model;
  return parse(changed) == wanted;
}

} // namespace axonhub::fuzz
