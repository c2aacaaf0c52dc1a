#include "llm/json_scan.hpp"

#include "base/text.hpp"
#include "llm/json_raw.hpp"

#include <cassert>
#include <utility>

namespace axonhub::llm {
namespace {

#if defined(__SANITIZE_ADDRESS__)
#define AXONHUB_WATCHES_ADDRESSES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AXONHUB_WATCHES_ADDRESSES 1
#endif
#endif

// Beyond these sizes the next text is better served by fresh memory than by keeping it for ever.
// What watches addresses sees more when each text has memory of its own size.
#ifdef AXONHUB_WATCHES_ADDRESSES
constexpr auto kept_parser = std::size_t{0};
constexpr auto kept_copy = std::size_t{0};
#else
constexpr auto kept_parser = std::size_t{1024 * 1024};
constexpr auto kept_copy = std::size_t{64 * 1024};
#endif

thread_local simdjson::ondemand::parser thread_parser;
thread_local std::string thread_copy;

} // namespace

lent_parser::~lent_parser() {
  if (thread_parser.capacity() > kept_parser)
    thread_parser = simdjson::ondemand::parser{};
  if (thread_copy.capacity() > kept_copy)
    thread_copy = std::string{};
}

simdjson::ondemand::parser& lent_parser::parser() { return thread_parser; }

simdjson::padded_string_view lent_parser::copy(std::string_view text) {
  thread_copy.reserve(text.size() + body_padding);
  thread_copy = text;
  return in_place(thread_copy);
}

simdjson::padded_string_view lent_parser::mended_copy(std::string_view text, mended_text& mended) {
  copy(text);
  if (text.find("\\u") != std::string_view::npos)
    mended.surrogates += mend_inner_surrogates(thread_copy.data(), thread_copy.size());
  return in_place(thread_copy);
}

simdjson::padded_string_view lent_parser::mend_utf8(mended_text& mended) {
  mended.bytes += replace_broken_utf8(thread_copy);
  thread_copy.reserve(thread_copy.size() + body_padding);
  return in_place(thread_copy);
}

simdjson::padded_string_view lent_parser::blank_utf8() {
  blank_broken_utf8(thread_copy);
  thread_copy.reserve(thread_copy.size() + body_padding);
  return in_place(thread_copy);
}

simdjson::padded_string_view in_place(const std::string& body) {
  assert(body.capacity() - body.size() >= body_padding);
  return simdjson::padded_string_view{body.data(), body.size(), body.capacity()};
}

byte_span to_span(const char* base, std::string_view raw_token) {
  const auto end = raw_token.find_last_not_of(" \t\r\n");
  return {static_cast<std::size_t>(raw_token.data() - base), end + 1};
}

void read_text(json_value& value, std::string& target) {
  auto text = std::string_view{};
  if (!value.get_string().get(text) && is_valid_utf8(text))
    target = text;
}

void read_message(json_value& value, std::string& target) {
  const auto token = value.raw_json_token();
  if (!token.starts_with('"'))
    return;
  if (auto text = unescaped(token.substr(1, token.rfind('"') - 1)); text && is_valid_utf8(*text))
    target = std::move(*text);
}

bool read_count(json_value& value, std::uint64_t& target) {
  auto number = std::uint64_t{};
  if (value.get_uint64().get(number))
    return false;
  target = number;
  return true;
}

} // namespace axonhub::llm
