#pragma once

#include <string_view>

namespace axonhub::llm {

/// What providers demand of a schema that they hold an answer to.
struct schema_facts {
  bool is_closed = true;   ///< Every object says `additionalProperties: false`.
  bool is_complete = true; ///< Every object requires all of its properties.
  bool is_plain = true;    ///< No limits of numbers, lengths and the like.
};

/// Looks at a raw JSON schema with all that is nested in it. One that is very deep or large is said
/// to be none of it.
schema_facts look_at_schema(std::string_view schema);

} // namespace axonhub::llm
