#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/json_text.hpp"

namespace axonhub::llm {

/// Appends JSON text to a string and puts the commas where they belong. Values that come from
/// another JSON text (numbers, tool arguments, whole strings) travel as raw text: what they say is
/// what they said. The caller opens and closes in order and gives only whole values to raw().
class json_writer {
public:
  /// Appends behind what `out` holds already.
  explicit json_writer(std::string& out) : out_(out), start_(out.size()) {}

  json_writer& open_object() { return open('{'); }
  json_writer& close_object() { return close('}'); }
  json_writer& open_array() { return open('['); }
  json_writer& close_array() { return close(']'); }

  /// The name of a field; its value comes next. `name` needs no escapes.
  json_writer& key(std::string_view name) {
    separate();
    out_.append(1, '"').append(name).append("\":");
    return *this;
  }

  /// A string value, escaped. `value` is UTF-8.
  json_writer& text(std::string_view value) {
    separate();
    append_json_string(out_, value);
    return *this;
  }

  /// A value that is JSON text already.
  json_writer& raw(std::string_view value) {
    separate();
    out_ += value;
    return *this;
  }

  template <std::integral Number>
  requires(!std::same_as<Number, bool>) json_writer& number(Number value) {
    return raw(std::to_string(value));
  }

  json_writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  json_writer& null() { return raw("null"); }

  /// A field in one call.
  json_writer& text(std::string_view name, std::string_view value) { return key(name).text(value); }
  json_writer& raw(std::string_view name, std::string_view value) { return key(name).raw(value); }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) json_writer& number(std::string_view name, Number value) {
    return key(name).number(value);
  }
  json_writer& boolean(std::string_view name, bool value) { return key(name).boolean(value); }

private:
  json_writer& open(char c) {
    separate();
    out_ += c;
    return *this;
  }
  json_writer& close(char c) {
    out_ += c;
    return *this;
  }
  // A value or a key follows a comma unless it is the first; no whole value ends like these.
  void separate() {
    if (out_.size() == start_)
      return;
    const auto last = out_.back();
    if (last != '{' && last != '[' && last != ':')
      out_ += ',';
  }

  std::string& out_;
  std::size_t start_;
};

} // namespace axonhub::llm
