#pragma once

// For the sources of llm/ alone, as json_scan.hpp.

#include "llm/answer_facts.hpp"
#include "llm/json_raw.hpp"
#include "llm/json_scan.hpp"
#include "llm/upstream_error.hpp"
#include "llm/usage.hpp"

namespace axonhub::llm {

/// Takes the numbers of a `usage` object of Chat or Responses, whose prompt includes what the cache
/// had, and takes its classes apart. What it lacks or has as null stays as it was told before.
json_error read_openai_usage(json_value& value, answer_facts& facts);

/// Takes what Groq tells in its `x_groq`: the usage, and an error, which sets `is_error`.
json_error read_groq_field(json_value& value, answer_facts& facts, upstream_error& error,
                           bool& is_error);

/// Takes `id` and `model` of an answer or a chunk: their first values, and where this model stands,
/// counted from `base` (null: nobody asks). Others are left alone.
void read_identity_field(std::string_view key, json_value& value, const char* base,
                         answer_facts& facts);

/// Sets `says` where a value is neither null, nor a number or a truth, nor empty. It may be read
/// after that.
json_error says_something(json_value& value, bool& says);

/// Whether a field of a chunk or a completion is the error that stands in its place: what
/// read_error_field() reads, `error` that says something or is true, or vLLM's or FastAPI's flat
/// object, whose fields are taken here one by one.
bool tells_error(std::string_view key, json_value& value, upstream_error& error);

/// Whether a finish reason is a breakdown of the upstream and no end of its answer.
bool is_breakdown(std::string_view finish_reason);

/// What is said of a breakdown that comes without words.
constexpr std::string_view gave_up = "The upstream gave up";

/// Takes the inside of a text value; another kind, null too, leaves `target`. Fails where an escape
/// is none.
json_error read_raw(json_value& value, raw_text& target);

/// Takes an object's text as it is written; another kind leaves `target`. Fails where anything in
/// it is no JSON.
json_error read_raw_object(json_value& value, std::string_view& target);

} // namespace axonhub::llm
