#include "llm/anthropic_json.hpp"

#include "base/text.hpp"

namespace axonhub::llm {
namespace {

json_error read_cache_creation(json_value& value, usage& tokens) {
  return scan_fields(value, [&tokens](std::string_view key, json_value& v) -> json_error {
    if (key == "ephemeral_5m_input_tokens")
      read_count(v, tokens.cache_write_5m);
    else if (key == "ephemeral_1h_input_tokens")
      read_count(v, tokens.cache_write_1h);
    return simdjson::SUCCESS;
  });
}

json_error read_output_details(json_value& value, usage& tokens) {
  return scan_fields(value, [&tokens](std::string_view key, json_value& v) -> json_error {
    if (key == "thinking_tokens")
      read_count(v, tokens.reasoning);
    return simdjson::SUCCESS;
  });
}

} // namespace

json_error read_anthropic_usage(json_value& value, usage& tokens) {
  auto told_write = false;
  const auto e = scan_fields(value, [&](std::string_view key, json_value& v) -> json_error {
    if (key == "input_tokens")
      tokens.seen |= read_count(v, tokens.input);
    else if (key == "output_tokens")
      tokens.seen |= read_count(v, tokens.output);
    else if (key == "cache_read_input_tokens")
      read_count(v, tokens.cache_read);
    else if (key == "cache_creation_input_tokens")
      told_write |= read_count(v, tokens.cache_write);
    else if (key == "cache_creation")
      return read_cache_creation(v, tokens);
    else if (key == "output_tokens_details")
      return read_output_details(v, tokens);
    return simdjson::SUCCESS;
  });
  const auto parts = tokens.cache_write_5m + tokens.cache_write_1h;
  if (!told_write && parts > tokens.cache_write)
    tokens.cache_write = parts;
  return e;
}

json_error read_message_field(std::string_view key, json_value& value, const char* base,
                              answer_facts& facts) {
  if (key == "id") {
    read_text(value, facts.id);
  } else if (key == "model") {
    const auto raw = value.raw_json_token();
    if (raw.starts_with('"')) {
      if (base != nullptr)
        facts.model_value = to_span(base, raw);
      read_text(value, facts.model);
    }
  } else if (key == "stop_reason") {
    read_text(value, facts.stop_reason);
  } else if (key == "usage") {
    return read_anthropic_usage(value, facts.tokens);
  }
  return simdjson::SUCCESS;
}

void read_error_code(json_value& value, upstream_error& error) {
  auto number = std::uint64_t{0};
  if (!read_count(value, number)) {
    read_text(value, error.code);
    number = parse_decimal<std::uint16_t>(error.code).value_or(0);
  }
  if (number >= 400 && number < 600)
    error.status = static_cast<std::uint16_t>(number);
}

json_error read_error_field(std::string_view key, json_value& value, upstream_error& error) {
  if (key == "message" || key == "detail") {
    read_message(value, error.message);
    return simdjson::SUCCESS;
  }
  if (key != "error")
    return simdjson::SUCCESS;
  if (value.raw_json_token().starts_with('"')) {
    read_message(value, error.message);
    return simdjson::SUCCESS;
  }
  return scan_fields(value, [&error](std::string_view name, json_value& v) -> json_error {
    if (name == "type")
      read_text(v, error.type);
    else if (name == "message")
      read_message(v, error.message);
    else if (name == "code")
      read_error_code(v, error);
    return simdjson::SUCCESS;
  });
}

} // namespace axonhub::llm
