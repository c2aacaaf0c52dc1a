#include "llm/anthropic_answer.hpp"

#include "llm/anthropic_json.hpp"

namespace axonhub::llm {

checked<answer_facts> read_anthropic_answer(const std::string& body) {
  auto lent = lent_parser{};
  auto facts = answer_facts{};
  auto type = std::string{};
  auto error = upstream_error{};
  const auto e = scan_text(lent, in_place(body), [&](std::string_view key, json_value& value) {
    if (key == "type")
      read_text(value, type);
    else if (key == "error")
      return read_error_field(key, value, error);
    return read_message_field(key, value, body.data(), facts);
  });
  if (e)
    return failure{errc::malformed_message, body.starts_with('<')
                                                ? "The upstream answered a page instead of JSON"
                                                : "The upstream answered no valid JSON object"};
  if (!error.type.empty() || !error.message.empty())
    return failure{errc::malformed_message,
                   "The upstream answered 200 with an error: " + error.type + ": " + error.message};
  if (type != "message")
    return failure{errc::malformed_message,
                   "The upstream answered an object that is no message (type \"" + type + "\")"};
  return facts;
}

} // namespace axonhub::llm
