#include "llm/openai_json.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/json_check.hpp"

#include <algorithm>

namespace axonhub::llm {
namespace {

/// What the cache had is told by several names; one that is more than zero counts.
struct cache_hit {
  std::uint64_t tokens = 0;
  bool told = false;

  json_error read(json_value& value) {
    auto count = std::uint64_t{0};
    told |= read_count(value, count);
    tokens = tokens == 0 ? count : tokens;
    return simdjson::SUCCESS;
  }
};

json_error read_details(json_value& value, told_counts& c, cache_hit& hit) {
  return scan_fields(value, [&](std::string_view key, json_value& v) -> json_error {
    if (key == "cached_tokens")
      return hit.read(v);
    if (key == "cache_write_tokens")
      read_count(v, c.written);
    else if (key == "reasoning_tokens")
      read_count(v, c.reasoning);
    return simdjson::SUCCESS;
  });
}

json_error read_field(std::string_view key, json_value& v, answer_facts& facts, cache_hit& hit) {
  auto& c = facts.counts;
  if (key == "prompt_tokens" || key == "input_tokens")
    facts.tokens.seen |= read_count(v, c.prompt);
  else if (key == "completion_tokens" || key == "output_tokens")
    facts.tokens.seen |= read_count(v, c.output);
  else if (key == "prompt_tokens_details" || key == "input_tokens_details" ||
           key == "completion_tokens_details" || key == "output_tokens_details")
    return read_details(v, c, hit);
  else if (key == "prompt_cache_hit_tokens" || key == "cached_tokens") // DeepSeek, Moonshot
    return hit.read(v);
  return simdjson::SUCCESS;
}

} // namespace

json_error read_openai_usage(json_value& value, answer_facts& facts) {
  auto& [prompt, cached, written, output, reasoning] = facts.counts;
  auto hit = cache_hit{};
  const auto e = scan_fields(
      value, [&](std::string_view key, json_value& v) { return read_field(key, v, facts, hit); });
  if (hit.told)
    cached = hit.tokens;
  if (e || !facts.tokens.seen)
    return e;
  const auto read = std::min(cached, prompt);
  const auto write = std::min(written, prompt - read);
  facts.tokens = usage{.input = prompt - read - write,
                       .cache_read = read,
                       .cache_write = write,
                       .cache_write_5m = 0,
                       .cache_write_1h = 0,
                       .output = output,
                       .reasoning = reasoning,
                       .seen = true};
  return simdjson::SUCCESS;
}

void read_identity_field(std::string_view key, json_value& value, const char* base,
                         answer_facts& facts) {
  if (key == "id" && facts.id.empty())
    read_text(value, facts.id);
  if (key != "model")
    return;
  const auto raw = value.raw_json_token();
  if (base != nullptr && raw.starts_with('"'))
    facts.model_value = to_span(base, raw);
  if (facts.model.empty())
    read_text(value, facts.model);
}

json_error says_something(json_value& value, bool& says) {
  const auto token = value.raw_json_token();
  auto empty = true;
  auto e = simdjson::SUCCESS;
  if (token.starts_with('"')) {
    empty = token.starts_with("\"\"");
  } else if (token.starts_with('[')) {
    auto list = simdjson::ondemand::array{};
    if (e = value.get_array().get(list); !e)
      e = list.is_empty().get(empty);
  } else if (token.starts_with('{')) {
    auto object = simdjson::ondemand::object{};
    if (e = value.get_object().get(object); !e)
      e = object.is_empty().get(empty);
  }
  says |= !empty;
  return e;
}

bool tells_error(std::string_view key, json_value& value, upstream_error& error) {
  if (key == "error") {
    auto says = value.raw_json_token().starts_with('t');
    return says_something(value, says) != simdjson::SUCCESS || says;
  }
  if (key == "object")
    return value.raw_json_token().starts_with("\"error\"");
  if ((key == "message" || key == "detail") && error.message.empty()) // FastAPI says detail
    read_message(value, error.message);
  else if (key == "type" && error.type.empty())
    read_text(value, error.type);
  else if (key == "code" && error.code.empty())
    read_error_code(value, error);
  if (error.type == "error") // Anthropic's word for the whole
    error.type.clear();
  return false;
}

bool is_breakdown(std::string_view finish_reason) {
  return finish_reason == "error" || finish_reason == "network_error" ||
         finish_reason == "insufficient_system_resource";
}

json_error read_groq_field(json_value& value, answer_facts& facts, upstream_error& error,
                           bool& is_error) {
  return scan_fields(value, [&](std::string_view key, json_value& v) {
    if (key == "usage")
      return read_openai_usage(v, facts);
    if (key != "error" || !tells_error(key, v, error))
      return simdjson::SUCCESS;
    is_error = true;
    return read_error_field(key, v, error);
  });
}

json_error read_raw(json_value& value, raw_text& target) {
  const auto token = value.raw_json_token();
  if (!token.starts_with('"'))
    return simdjson::SUCCESS;
  const auto inner = token.substr(1, token.rfind('"') - 1);
  if (!has_valid_escapes(inner))
    return simdjson::STRING_ERROR;
  target = inner;
  return simdjson::SUCCESS;
}

json_error read_raw_object(json_value& value, std::string_view& target) {
  simdjson::ondemand::object object;
  if (const auto e = value.get_object().get(object))
    return e == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : e;
  auto raw = std::string_view{};
  if (const auto e = object.raw_json().get(raw))
    return e;
  raw = raw.substr(0, raw.rfind('}') + 1); // blanks follow
  if (!is_json_object(raw))
    return simdjson::TAPE_ERROR;
  target = raw;
  return simdjson::SUCCESS;
}

} // namespace axonhub::llm
