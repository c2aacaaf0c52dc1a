#pragma once

// For the sources of llm/ alone: simdjson's header is large.

#include "llm/answer_facts.hpp"
#include "llm/byte_span.hpp"
#include "llm/peek.hpp"

// Without this, a result that is used unchecked throws; with it, that does not compile.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>
#include <string>
#include <string_view>

namespace axonhub::llm {

static_assert(body_padding >= simdjson::SIMDJSON_PADDING);

using json_error = simdjson::error_code;
using json_value = simdjson::ondemand::value;

/// This thread's parser and its padded copy, for one text at a time. What a large text made them
/// grow to is given back at the end.
class lent_parser {
public:
  lent_parser() = default;
  lent_parser(const lent_parser&) = delete;
  lent_parser& operator=(const lent_parser&) = delete;
  ~lent_parser();

  simdjson::ondemand::parser& parser();

  /// A copy of `text` with the padding that simdjson wants.
  simdjson::padded_string_view copy(std::string_view text);

  /// The same for a text that is converted: halves of surrogate pairs are replaced in the copy, but
  /// for those at the ends of strings, which pair_joiner sees to.
  simdjson::padded_string_view mended_copy(std::string_view text, mended_text& mended);
  /// That copy once more, with bytes that are no UTF-8 replaced.
  simdjson::padded_string_view mend_utf8(mended_text& mended);
  /// The same, each by one byte.
  simdjson::padded_string_view blank_utf8();
};

/// A body with body_padding free bytes behind its end (asserted), read in place.
simdjson::padded_string_view in_place(const std::string& body);

/// Where a value's own text lies behind `base`, without the blanks that follow it.
byte_span to_span(const char* base, std::string_view raw_token);

/// Calls on_field(key, value) for each field of an object until that returns an error. Keys are
/// unescaped; one that is no text is empty. Values may be left unread.
template <class F>
json_error scan_fields(simdjson::ondemand::object object, F&& on_field) {
  for (auto field : object) {
    if (field.error())
      return field.error();
    auto key = std::string_view{};
    if (field.unescaped_key().get(key))
      key = {};
    json_value value = field.value().value_unsafe();
    if (const auto e = on_field(key, value))
      return e;
  }
  return simdjson::SUCCESS;
}

/// The same for a value that may be something else, which is skipped.
template <class F>
json_error scan_fields(json_value& value, F&& on_field) {
  simdjson::ondemand::object object;
  if (const auto e = value.get_object().get(object))
    return e == simdjson::INCORRECT_TYPE ? simdjson::SUCCESS : e;
  return scan_fields(object, on_field);
}

/// The same for a text that must be one object and nothing else but blanks.
template <class F>
json_error scan_text(lent_parser& lent, simdjson::padded_string_view text, F&& on_field) {
  simdjson::ondemand::document document;
  if (const auto e = lent.parser().iterate(text).get(document))
    return e;
  simdjson::ondemand::object root;
  if (const auto e = document.get_object().get(root))
    return e;
  if (const auto e = scan_fields(root, on_field))
    return e;
  // The root has ended; a place to read on from means that something follows.
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS
                                                                        : simdjson::TAPE_ERROR;
}

/// Scans a copy of an upstream's text that passes as it is. Bytes that are no UTF-8 are its
/// client's to judge: they do not keep the rest from being read. on_field() gets the place that
/// offsets count from, too.
template <class F>
json_error scan_copy(lent_parser& lent, std::string_view text, F&& on_field) {
  const auto scan = [&](simdjson::padded_string_view copy) {
    return scan_text(lent, copy, [&](std::string_view key, json_value& value) {
      return on_field(key, value, copy.data());
    });
  };
  const auto e = scan(lent.copy(text)); // looks at all bytes before it gives anything out
  return e == simdjson::UTF8_ERROR ? scan(lent.blank_utf8()) : e;
}

/// The same for a text that is converted: what strict readers would refuse is replaced and counted.
template <class F>
json_error scan_mended(lent_parser& lent, std::string_view text, mended_text& mended,
                       F&& on_field) {
  const auto e = scan_text(lent, lent.mended_copy(text, mended), on_field);
  return e == simdjson::UTF8_ERROR ? scan_text(lent, lent.mend_utf8(mended), on_field) : e;
}

/// Assigns a text value; anything else, null too, leaves `target`.
void read_text(json_value& value, std::string& target);

/// The same, where half a surrogate pair becomes U+FFFD. For what people read.
void read_message(json_value& value, std::string& target);

/// Assigns a whole number; anything else, null too, leaves `target`. True if it was one.
bool read_count(json_value& value, std::uint64_t& target);

} // namespace axonhub::llm
