// What of a request's body is text for the model, and what stands around it.
#include <algorithm>
#include <array>

#include "llm/json_scan.hpp"
#include "llm/token_estimate.hpp"
#include "llm/token_overheads.hpp"

namespace axonhub::llm {
namespace {

constexpr auto deepest = 64; // levels of blocks in blocks; what lies deeper is not looked at

/// The base64 of "data:image/png;base64,..."; empty for any other address.
std::string_view data_of_url(std::string_view url) {
  constexpr auto marker = std::string_view{";base64,"};
  if (!url.starts_with("data:"))
    return {};
  const auto at = url.substr(0, 256).find(marker);
  return at == std::string_view::npos ? std::string_view{} : url.substr(at + marker.size());
}

template <std::size_t n>
bool is_one_of(std::string_view key, const std::array<std::string_view, n>& keys) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// Inside messages every text counts but what these fields hold: marks, ids, sealed data.
// clang-format off
constexpr auto silent_keys = std::array<std::string_view, 22>{
    "type", "id", "role", "call_id", "tool_use_id",
    "tool_call_id", "file_id", "status", "phase", "caller",
    "toolset_name", "namespace", "syntax", "media_type", "detail",
    "signature", "encrypted_content", "cache_control", "prompt_cache_breakpoint", "annotations",
    "logprobs", "output_config"};
// clang-format on
constexpr auto call_keys =
    std::array<std::string_view, 5>{"input", "arguments", "output", "tool_use_id", "tool_call_id"};
constexpr auto schema_keys =
    std::array<std::string_view, 4>{"input_schema", "parameters", "schema", "input_examples"};

class request_counter {
public:
  explicit request_counter(tokenizer_family family)
      : family_(family), around_(overheads_of(family)), tokens(around_.request) {}

  json_error top_level(dialect d, std::string_view key, json_value& value) {
    switch (d) {
      case dialect::anthropic:
        if (key == "messages")
          return messages(value);
        if (key == "system")
          return content(value, 0);
        if (key == "output_config" || key == "output_format")
          return schemas(value, 0);
        break;
      case dialect::openai_chat:
        if (key == "messages")
          return messages(value);
        if (key == "response_format")
          return schemas(value, 0);
        break;
      case dialect::openai_responses:
        if (key == "input")
          return messages(value);
        if (key == "instructions")
          return content(value, 0);
        if (key == "text")
          return schemas(value, 0);
        break;
    }
    if (key == "tools" || key == "functions")
      return tools(value);
    return simdjson::SUCCESS;
  }

private:
  void add_text(std::string_view text) { tokens += estimate_text_tokens(text, family_); }

  json_error add_raw(json_value& value) {
    auto text = std::string_view{};
    if (const auto e = raw(value, text))
      return e;
    add_text(text);
    return simdjson::SUCCESS;
  }

  static json_error raw(json_value& value, std::string_view& text) {
    simdjson::ondemand::json_type type{};
    if (const auto e = value.type().get(type))
      return e;
    if (type == simdjson::ondemand::json_type::object) {
      simdjson::ondemand::object object;
      if (const auto e = value.get_object().get(object))
        return e;
      return object.raw_json().get(text);
    }
    if (type == simdjson::ondemand::json_type::array) {
      simdjson::ondemand::array array;
      if (const auto e = value.get_array().get(array))
        return e;
      return array.raw_json().get(text);
    }
    text = value.raw_json_token();
    return simdjson::SUCCESS;
  }

  template <class F>
  static json_error scan_items(json_value& value, F on_item) {
    simdjson::ondemand::array items;
    if (const auto e = value.get_array().get(items))
      return e;
    for (auto item : items) {
      if (item.error())
        return item.error();
      json_value entry = item.value_unsafe();
      if (const auto e = on_item(entry))
        return e;
    }
    return simdjson::SUCCESS;
  }

  /// An array of messages or items, or one text instead.
  json_error messages(json_value& value) {
    simdjson::ondemand::json_type type{};
    if (const auto e = value.type().get(type))
      return e;
    if (type != simdjson::ondemand::json_type::array) {
      tokens += around_.message;
      return content(value, 0);
    }
    return scan_items(value, [this](json_value& message) {
      tokens += around_.message;
      return content(message, 0);
    });
  }

  /// A text, a list of blocks or a block: every text in it that is no mark.
  json_error content(json_value& value, int depth) {
    simdjson::ondemand::json_type type{};
    if (const auto e = value.type().get(type))
      return e;
    if (type == simdjson::ondemand::json_type::string) {
      auto text = std::string_view{};
      if (const auto e = value.get_string().get(text))
        return e;
      add_text(text);
      return simdjson::SUCCESS;
    }
    if (depth >= deepest)
      return simdjson::SUCCESS;
    if (type == simdjson::ondemand::json_type::array)
      return scan_items(value,
                        [this, depth](json_value& item) { return content(item, depth + 1); });
    return scan_fields(value, [this, depth](std::string_view key, json_value& field) {
      return block_field(key, field, depth);
    });
  }

  json_error block_field(std::string_view key, json_value& field, int depth) {
    if (is_one_of(key, call_keys))
      tokens += around_.call;
    if (is_one_of(key, silent_keys))
      return simdjson::SUCCESS;
    if (key == "input" || key == "action")
      return call_input(field);
    if (key == "source")
      return source(field, depth);
    if (key == "image_url")
      return image(field);
    if (key == "file_data")
      return document(field);
    if (key == "input_audio")
      return audio(field);
    if (key == "data") // redacted thinking: sealed, and no text
      return simdjson::SUCCESS;
    return content(field, depth + 1);
  }

  /// A tool's input: free text, or JSON that the model reads as such.
  json_error call_input(json_value& value) {
    auto text = std::string_view{};
    const auto e = value.get_string().get(text);
    if (e == simdjson::INCORRECT_TYPE)
      return add_raw(value);
    if (!e)
      add_text(text);
    return e;
  }

  /// What an image or document block of Anthropic's holds; the name of a search result, too.
  json_error source(json_value& value, int depth) {
    auto type = std::string_view{};
    auto media_type = std::string_view{};
    auto data = std::string_view{};
    auto is_object = false;
    const auto e = scan_fields(value, [&](std::string_view key, json_value& field) -> json_error {
      is_object = true;
      if (key == "content")
        return content(field, depth + 1);
      auto* target = key == "type"         ? &type
                     : key == "media_type" ? &media_type
                     : key == "data"       ? &data
                                           : nullptr;
      if (target == nullptr)
        return simdjson::SUCCESS;
      const auto failed = field.get_string().get(*target);
      return failed == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : failed;
    });
    if (e || !is_object || type == "content")
      return e;
    if (type == "text")
      add_text(data);
    else if (media_type.starts_with("application/"))
      tokens += document_tokens(data);
    else
      add_image(data, false);
    return simdjson::SUCCESS;
  }

  /// {"url", "detail"} in Chat, the address itself in Responses.
  json_error image(json_value& value) {
    auto url = std::string_view{};
    auto detail = std::string_view{};
    auto e = value.get_string().get(url);
    if (e == simdjson::INCORRECT_TYPE)
      e = scan_fields(value, [&](std::string_view key, json_value& field) -> json_error {
        if (key != "url" && key != "detail")
          return simdjson::SUCCESS;
        const auto failed = field.get_string().get(key == "url" ? url : detail);
        return failed == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : failed;
      });
    if (!e)
      add_image(data_of_url(url), detail == "low");
    return e;
  }

  void add_image(std::string_view base64, bool low_detail) {
    tokens += image_tokens(base64, low_detail, family_);
  }

  json_error document(json_value& value) {
    auto data = std::string_view{};
    if (const auto e = value.get_string().get(data))
      return e == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : e;
    tokens += document_tokens(data);
    return simdjson::SUCCESS;
  }

  json_error audio(json_value& value) {
    return scan_fields(value, [this](std::string_view key, json_value& field) -> json_error {
      auto data = std::string_view{};
      if (key == "data" && !field.get_string().get(data))
        tokens += audio_tokens(data);
      return simdjson::SUCCESS;
    });
  }

  json_error tools(json_value& value) {
    const auto before = tokens;
    const auto e = tool_list(value, 0);
    if (tokens > before)
      tokens += around_.tools;
    return e;
  }

  json_error tool_list(json_value& value, int depth) {
    simdjson::ondemand::json_type type{};
    if (const auto e = value.type().get(type))
      return e;
    if (type != simdjson::ondemand::json_type::array || depth >= deepest)
      return simdjson::SUCCESS;
    return scan_items(value, [this, depth](json_value& entry) {
      tokens += around_.tool;
      return tool(entry, depth);
    });
  }

  /// A tool, or what it is wrapped in: the name, what it says of itself, its schema as it stands.
  json_error tool(json_value& value, int depth) {
    return scan_fields(value, [this, depth](std::string_view key, json_value& field) -> json_error {
      if (key == "type")
        return hosted(field);
      if (key == "name" || key == "description" || key == "definition")
        return content(field, deepest);
      if (is_one_of(key, schema_keys))
        return add_raw(field);
      if (key == "tools") // of a namespace
        return tool_list(field, depth + 1);
      if ((key == "function" || key == "custom" || key == "format") && depth < deepest)
        return tool(field, depth + 1);
      return simdjson::SUCCESS;
    });
  }

  json_error hosted(json_value& type) {
    constexpr auto described =
        std::array<std::string_view, 6>{"custom", "function", "namespace", "text", "grammar", ""};
    auto name = std::string_view{};
    if (!type.get_string().get(name) && !is_one_of(name, described))
      tokens += around_.hosted;
    return simdjson::SUCCESS;
  }

  /// The schemas in the settings of an answer's form.
  json_error schemas(json_value& value, int depth) {
    return scan_fields(value, [this, depth](std::string_view key, json_value& field) -> json_error {
      if (key == "schema")
        return add_raw(field);
      if ((key == "format" || key == "json_schema") && depth < deepest)
        return schemas(field, depth + 1);
      return simdjson::SUCCESS;
    });
  }

  tokenizer_family family_;
  token_overheads around_;

public:
  std::uint64_t tokens;
};

} // namespace

std::uint64_t estimate_request_tokens(dialect d, const std::string& body, tokenizer_family family) {
  auto lent = lent_parser{};
  auto counter = request_counter{family};
  const auto e = scan_text(lent, in_place(body), [&](std::string_view key, json_value& value) {
    return counter.top_level(d, key, value);
  });
  return e ? std::max<std::uint64_t>(1, body.size() / 4) : counter.tokens;
}

} // namespace axonhub::llm
