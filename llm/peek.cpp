#include "llm/peek.hpp"

#include "llm/json_scan.hpp"

#include <algorithm>
#include <array>

namespace axonhub::llm {
namespace {

constexpr auto longest_model = std::size_t{512};

enum class known_key : std::uint8_t {
  model,
  stream,
  max_tokens,
  max_completion_tokens,
  max_output_tokens,
  metadata,
  prompt_cache_key,
  previous_response_id,
  tools,
  messages, // this one and the next are the converters' to read
  input,
  user_id, // inside metadata
  none,
};

constexpr auto key_names = std::array<std::string_view, 12>{
    "model",
    "stream",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "metadata",
    "prompt_cache_key",
    "previous_response_id",
    "tools",
    "messages",
    "input",
    "user_id",
};

class reader {
public:
  explicit reader(const char* base) : base_(base) {}

  json_error top_level(std::string_view key, json_value& value) {
    const auto known = find(key, known_key::user_id);
    if (const auto e = note(known))
      return e;
    switch (known) {
      case known_key::model:
        return read_model(value);
      case known_key::stream:
        return read_stream(value);
      case known_key::max_tokens:
      case known_key::max_completion_tokens:
      case known_key::max_output_tokens:
        read_max_tokens(value);
        break;
      case known_key::previous_response_id:
        found.continues_response = value.raw_json_token().substr(0, 4) != "null";
        break;
      case known_key::metadata:
        return read_metadata(value);
      case known_key::prompt_cache_key:
        read_text(value, found.prompt_cache_key);
        break;
      case known_key::tools:
        return read_tools(value);
      default:
        break;
    }
    return simdjson::SUCCESS;
  }

  request_peek found;
  std::string complaint; // why we stopped, when it is not simdjson's reason

private:
  static known_key find(std::string_view key, known_key end) {
    const auto last = key_names.begin() + static_cast<int>(end);
    const auto at = std::find(key_names.begin(), last, key);
    return at == last ? known_key::none : static_cast<known_key>(at - key_names.begin());
  }

  json_error refuse(std::string text) {
    complaint = std::move(text);
    return simdjson::UNEXPECTED_ERROR; // ends the scan; the complaint is what counts
  }

  /// Two parsers may disagree about which of two equal keys counts.
  json_error note(known_key key) {
    if (key == known_key::none)
      return simdjson::SUCCESS;
    const auto i = static_cast<std::size_t>(key);
    if (seen_[i])
      return refuse(std::string{key_names[i]} + ": the key comes twice in the request body");
    seen_[i] = true;
    return simdjson::SUCCESS;
  }

  json_error read_model(json_value& value) {
    found.model_value = to_span(base_, value.raw_json_token());
    read_text(value, found.model);
    if (found.model.empty())
      return refuse("model: must be a text that names a model");
    if (found.model.size() > longest_model)
      return refuse("model: longer than " + std::to_string(longest_model) + " bytes");
    return simdjson::SUCCESS;
  }

  json_error read_stream(json_value& value) {
    auto is_null = false;
    if (!value.get_bool().get(found.stream) || (!value.is_null().get(is_null) && is_null))
      return simdjson::SUCCESS;
    return refuse("stream: must be true or false");
  }

  void read_max_tokens(json_value& value) {
    const auto raw = value.raw_json_token();
    auto count = std::uint64_t{};
    if (!read_count(value, count) || count <= found.max_tokens.value_or(0))
      return;
    found.max_tokens = count;
    found.max_tokens_value = to_span(base_, raw);
  }

  json_error read_metadata(json_value& value) {
    return scan_fields(value, [this](std::string_view key, json_value& v) -> json_error {
      if (key != key_names[static_cast<std::size_t>(known_key::user_id)])
        return simdjson::SUCCESS;
      if (const auto e = note(known_key::user_id))
        return e;
      read_text(v, found.user_id);
      return simdjson::SUCCESS;
    });
  }

  json_error read_tools(json_value& value) {
    simdjson::ondemand::array tools;
    if (const auto e = value.get_array().get(tools))
      return e == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : e;
    for (auto entry : tools) {
      simdjson::ondemand::object tool;
      if (const auto e = entry.get_object().get(tool)) {
        if (e != simdjson::INCORRECT_TYPE)
          return e;
        continue;
      }
      auto type = std::string_view{};
      const auto e = tool.find_field("type").get_string().get(type);
      if (!e && type != "custom" && type != "function")
        found.server_tools.emplace_back(type);
      else if (e && e != simdjson::NO_SUCH_FIELD && e != simdjson::INCORRECT_TYPE)
        return e;
    }
    return simdjson::SUCCESS;
  }

  const char* base_;
  std::array<bool, key_names.size()> seen_{};
};

std::string to_complaint(json_error e, std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF"))
    return "The request body starts with a byte order mark: send plain UTF-8 without one";
  switch (e) {
    case simdjson::EMPTY:
      return "The request body is empty: it must be a JSON object";
    case simdjson::UTF8_ERROR:
      return "The request body is not valid UTF-8";
    case simdjson::INCORRECT_TYPE:
      return "The request body must be a JSON object";
    default:
      return "The request body is not valid JSON: it is cut short or malformed";
  }
}

} // namespace

checked<request_peek> peek_request(const std::string& body) {
  auto lent = lent_parser{};
  auto r = reader{body.data()};
  const auto e = scan_text(lent, in_place(body), [&r](std::string_view key, json_value& value) {
    return r.top_level(key, value);
  });
  if (!r.complaint.empty())
    return failure{errc::invalid_argument, std::move(r.complaint)};
  if (e)
    return failure{errc::malformed_json, to_complaint(e, body)};
  if (r.found.model.empty())
    return failure{errc::invalid_argument, "model: field required"};
  return std::move(r.found);
}

} // namespace axonhub::llm
