#include "llm/format_schema.hpp"

#include "llm/json_check.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace axonhub::llm {
namespace {

// Each level is walked over once more for each level above it.
constexpr auto most_levels = 24;
constexpr auto largest_schema = std::size_t{128 * 1024};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

class schema_walk {
public:
  schema_facts facts;

  void look_at(std::string_view schema, int levels) {
    if (levels == 0) {
      facts = {false, false, false};
      return;
    }
    auto own = object_facts{};
    for_each_field(schema, [&](std::string_view key, std::string_view value) {
      take_field(key, value, levels, own);
    });
    if (!own.is_object)
      return;
    facts.is_closed = facts.is_closed && own.is_closed;
    for (const auto name : own.properties)
      if (std::ranges::find(own.required, name) == own.required.end())
        facts.is_complete = false;
  }

private:
  struct object_facts {
    bool is_object = false;
    bool is_closed = false;
    std::vector<std::string_view> properties, required;
  };

  void take_field(std::string_view key, std::string_view value, int levels, object_facts& own) {
    if (key == "type") {
      own.is_object = own.is_object || value.find("\"object\"") != std::string_view::npos;
    } else if (key == "additionalProperties") {
      own.is_closed = value == "false";
    } else if (key == "required") {
      for_each_entry(value, [&](std::string_view name) { own.required.push_back(inside(name)); });
    } else if (key == "properties") {
      own.is_object = true;
      for_each_field(value, [&](std::string_view name, std::string_view schema) {
        own.properties.push_back(name);
        look_at(schema, levels - 1);
      });
    } else if (is_one_of(key, {"$defs", "definitions"})) {
      for_each_field(
          value, [&](std::string_view, std::string_view schema) { look_at(schema, levels - 1); });
    } else if (is_one_of(key, {"anyOf", "allOf", "oneOf", "prefixItems"})) {
      for_each_entry(value, [&](std::string_view schema) { look_at(schema, levels - 1); });
    } else if (is_one_of(key, {"items", "not"})) {
      look_at(value, levels - 1);
    }
    if (is_one_of(key, {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
                        "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
                        "minProperties", "maxProperties", "patternProperties", "propertyNames",
                        "oneOf", "not", "if", "then", "else"}))
      facts.is_plain = false;
  }

  static std::string_view inside(std::string_view text) {
    return text.size() < 2 ? text : text.substr(1, text.size() - 2);
  }
};

} // namespace

schema_facts look_at_schema(std::string_view schema) {
  auto walk = schema_walk{};
  walk.look_at(schema, schema.size() > largest_schema ? 0 : most_levels);
  return walk.facts;
}

} // namespace axonhub::llm
