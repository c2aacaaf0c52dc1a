#include "llm/read_answer.hpp"

#include "llm/anthropic_json.hpp"
#include "llm/openai_json.hpp"

namespace axonhub::llm {
namespace {

/// What a look at the fields of the body's object finds.
struct reading {
  answer_facts facts;
  upstream_error error;
  std::string type, status;
  bool is_error = false; ///< Of Chat, where an error's fields may stand for something else.
  bool has_answer = false;
};

json_error read_claude_field(std::string_view key, json_value& value, const char* base,
                             reading& r) {
  if (key == "type")
    read_text(value, r.type);
  else if (key == "error")
    return read_error_field(key, value, r.error);
  else if (key == "content")
    r.has_answer = true;
  return read_message_field(key, value, base, r.facts);
}

json_error read_choices(json_value& value, reading& r) {
  simdjson::ondemand::array choices;
  if (value.get_array().get(choices))
    return simdjson::SUCCESS;
  for (auto item : choices) {
    if (item.error())
      return item.error();
    json_value one = item.value_unsafe();
    r.has_answer = true;
    const auto e = scan_fields(one, [&r](std::string_view key, json_value& v) {
      if (key == "finish_reason" && r.facts.stop_reason.empty())
        read_text(v, r.facts.stop_reason);
      return key == "usage" ? read_openai_usage(v, r.facts) : simdjson::SUCCESS;
    });
    if (e)
      return e;
  }
  return simdjson::SUCCESS;
}

json_error read_chat_field(std::string_view key, json_value& value, const char* base, reading& r) {
  if (key == "choices")
    return read_choices(value, r);
  if (key == "usage")
    return read_openai_usage(value, r.facts);
  if (tells_error(key, value, r.error)) {
    r.is_error = true;
    return read_error_field(key, value, r.error);
  }
  read_identity_field(key, value, base, r.facts);
  return simdjson::SUCCESS;
}

json_error read_responses_field(std::string_view key, json_value& value, const char* base,
                                reading& r) {
  if (key == "usage")
    return read_openai_usage(value, r.facts);
  if (key == "error")
    return read_error_field(key, value, r.error);
  if (key == "status")
    read_text(value, r.status);
  else if (key == "output")
    r.has_answer = true;
  else if (key == "incomplete_details")
    return scan_fields(value, [&r](std::string_view name, json_value& v) {
      if (name == "reason")
        read_text(v, r.facts.stop_reason);
      return simdjson::SUCCESS;
    });
  read_identity_field(key, value, base, r.facts);
  return simdjson::SUCCESS;
}

json_error read_fields(dialect d, simdjson::padded_string_view body, reading& r) {
  auto lent = lent_parser{};
  return scan_text(lent, body, [&](std::string_view key, json_value& value) {
    switch (d) {
      case dialect::openai_chat:
        return read_chat_field(key, value, body.data(), r);
      case dialect::openai_responses:
        return read_responses_field(key, value, body.data(), r);
      case dialect::anthropic:
        break;
    }
    return read_claude_field(key, value, body.data(), r);
  });
}

} // namespace

failure no_answer(const std::string& body, const upstream_error& error,
                  std::string_view otherwise) {
  auto text = std::string{otherwise};
  if (body.starts_with('<'))
    text = "The upstream answered a page instead of JSON";
  else if (error.is_told())
    text = "The upstream answered 200 with an error: " +
           (error.type.empty() ? error.code : error.type) + ": " + error.message;
  return {errc::malformed_message, std::move(text)};
}

checked<answer_facts> read_answer(dialect d, const std::string& body, upstream_error& error) {
  auto r = reading{};
  if (read_fields(d, in_place(body), r))
    return no_answer(body, {}, "The upstream answered no valid JSON object");
  if (r.status == "failed" && !r.error.is_told())
    r.error.message = "The response failed";
  if (r.facts.stop_reason.empty())
    r.facts.stop_reason = r.status;
  if (d == dialect::openai_chat && is_breakdown(r.facts.stop_reason)) {
    r.is_error = true;
    if (r.error.message.empty())
      r.error.message = gave_up;
  }
  if (d != dialect::openai_chat || r.is_error || !r.has_answer)
    error = std::move(r.error);
  if (error.is_told())
    return no_answer(body, error, {});
  if (d == dialect::anthropic && r.type != "message")
    return no_answer(
        body, {}, "The upstream answered an object that is no message (type \"" + r.type + "\")");
  if (!r.has_answer)
    return no_answer(body, {}, "The upstream answered an object that is no answer");
  return std::move(r.facts);
}

checked<answer_facts> read_answer(dialect d, const std::string& body) {
  auto error = upstream_error{};
  return read_answer(d, body, error);
}

} // namespace axonhub::llm
