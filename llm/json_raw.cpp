#include "llm/json_raw.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace axonhub::llm {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::uint32_t> hex_at(std::string_view text, std::size_t at) {
  if (at + 4 > text.size())
    return {};
  auto value = std::uint32_t{0};
  for (const auto c : text.substr(at, 4)) {
    const auto low = static_cast<char>(c | 0x20);
    if (is_digit(c))
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    else if (low >= 'a' && low <= 'f')
      value = value * 16 + static_cast<std::uint32_t>(low - 'a' + 10);
    else
      return {};
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&out, c](int shift) {
    out += static_cast<char>(0x80 | ((c >> shift) & 0x3F));
  };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

constexpr bool is_high(std::uint32_t c) { return c >= 0xD800 && c < 0xDC00; }
constexpr bool is_low(std::uint32_t c) { return c >= 0xDC00 && c < 0xE000; }

/// Reads the \uXXXX at `at` (behind the "u") and a second one that completes a pair. Returns how
/// many bytes that were, 0 if malformed.
std::size_t append_code_point(std::string& out, std::string_view text, std::size_t at) {
  const auto first = hex_at(text, at);
  if (!first)
    return 0;
  if (is_high(*first) && text.substr(at + 4, 2) == "\\u") {
    const auto second = hex_at(text, at + 6);
    if (second && is_low(*second)) {
      append_utf8(out, 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
      return 10;
    }
  }
  append_utf8(out, is_high(*first) || is_low(*first) ? 0xFFFD : *first);
  return 4;
}

constexpr char meaning_of(char escape) {
  switch (escape) {
    case '"':
    case '\\':
    case '/':
      return escape;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

/// Which bytes cannot stand inside a JSON string as they are.
constexpr auto must_escape = [] {
  auto table = std::array<bool, 256>{};
  for (auto c = std::size_t{0}; c < 0x20; ++c)
    table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

/// The length of the character at the front; 0 if its bytes are none.
std::size_t character_length(std::string_view text) {
  for (auto length = std::size_t{1}; length <= 4 && length <= text.size(); ++length)
    if (is_valid_utf8(text.substr(0, length)))
      return length;
  return 0;
}

std::size_t rewrite_broken_utf8(std::string& text, std::string_view replacement) {
  auto out = std::string{};
  auto broken = std::size_t{0};
  for (auto rest = std::string_view{text}; !rest.empty();) {
    const auto length = character_length(rest);
    out += length > 0 ? rest.substr(0, length) : replacement;
    broken += length > 0 ? 0 : 1;
    rest.remove_prefix(std::max(length, std::size_t{1}));
  }
  text = std::move(out);
  return broken;
}

} // namespace

std::size_t replace_broken_utf8(std::string& text) {
  return rewrite_broken_utf8(text, "\xEF\xBF\xBD");
}

void blank_broken_utf8(std::string& text) { rewrite_broken_utf8(text, "?"); }

std::optional<std::string> unescaped(std::string_view inside) {
  auto out = std::string{};
  out.reserve(inside.size());
  auto at = std::size_t{0};
  while (at < inside.size()) {
    const auto next = inside.find('\\', at);
    out += inside.substr(at, next == std::string_view::npos ? next : next - at);
    if (next == std::string_view::npos)
      break;
    if (next + 1 >= inside.size())
      return {};
    at = next + 2;
    if (const auto escape = inside[next + 1]; escape == 'u') {
      const auto used = append_code_point(out, inside, at);
      if (used == 0)
        return {};
      at += used;
    } else if (const auto c = meaning_of(escape); c != 0) {
      out += c;
    } else {
      return {};
    }
  }
  return out;
}

bool has_valid_escapes(raw_text inner) {
  for (auto at = inner.find('\\'); at != raw_text::npos; at = inner.find('\\', at + 2)) {
    if (at + 1 == inner.size())
      return false;
    const auto escape = inner[at + 1];
    if (escape == 'u' ? !hex_at(inner, at + 2) : meaning_of(escape) == 0)
      return false;
  }
  return true;
}

namespace {

// A fixed number of steps becomes vector instructions.
constexpr auto block = std::size_t{64};

/// Whether an escape of a surrogate may begin in the block at `text`, behind which are two bytes.
bool has_surrogate(const char* text) {
  auto found = static_cast<unsigned char>(0);
  for (auto i = std::size_t{0}; i < block; ++i)
    found |= static_cast<unsigned char>((text[i] == '\\') & (text[i + 1] == 'u') &
                                        ((text[i + 2] | 0x20) == 'd'));
  return found != 0;
}

} // namespace

bool may_hold_surrogates(raw_text inside) {
  if (inside.size() < block + 2) {
    for (auto at = inside.find('\\'); at != raw_text::npos; at = inside.find('\\', at + 2))
      if (const auto next = inside.substr(at + 1, 2); next == "ud" || next == "uD")
        return true;
    return false;
  }
  const auto last = inside.size() - block - 2; // which may look at some bytes once more
  for (auto at = std::size_t{0}; at < last; at += block)
    if (has_surrogate(inside.data() + at))
      return true;
  return has_surrogate(inside.data() + last);
}

namespace {

std::size_t mend(char* inside, std::size_t size, bool ends_too) {
  const auto text = std::string_view{inside, size};
  auto mended = std::size_t{0};
  auto behind = std::size_t{0}; // the last escape
  for (auto at = text.find('\\'); at != text.npos; at = text.find('\\', behind)) {
    const auto unit = text.substr(at, 2) == "\\u" ? hex_at(text, at + 2) : std::nullopt;
    const auto begins = !ends_too && at > behind && text[at - 1] == '"';
    behind = at + (unit ? 6 : 2);
    if (!unit || (!is_high(*unit) && !is_low(*unit)))
      continue;
    const auto next = text.substr(at + 6, 2) == "\\u" ? hex_at(text, at + 8) : std::nullopt;
    const auto ends = !ends_too && text.substr(at + 6, 1) == "\"";
    if (is_high(*unit) && next && is_low(*next)) {
      behind = at + 12;
    } else if (is_high(*unit) ? !ends : !begins) {
      std::string_view{"fffd"}.copy(inside + at + 2, 4);
      ++mended;
    }
  }
  return mended;
}

} // namespace

std::size_t mend_surrogates(char* inside, std::size_t size) { return mend(inside, size, true); }

std::size_t mend_inner_surrogates(char* json, std::size_t size) { return mend(json, size, false); }

void append_escaped(std::string& out, std::string_view text) {
  auto from = std::size_t{0};
  for (auto at = std::size_t{0}; at < text.size(); ++at) {
    const auto c = text[at];
    if (!must_escape[static_cast<unsigned char>(c)])
      continue;
    out += text.substr(from, at - from);
    from = at + 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      auto quoted = std::string{};
      append_json_string(quoted, {&c, 1});
      out += std::string_view{quoted}.substr(1, quoted.size() - 2);
    }
  }
  out += text.substr(from);
}

std::size_t append_mended(std::string& out, std::string json) {
  const auto mended = mend_surrogates(json.data(), json.size());
  append_escaped(out, json);
  return mended;
}

bool is_json_number(std::string_view text) {
  auto at = std::size_t{0};
  const auto digits = [&text, &at] {
    const auto from = at;
    while (at < text.size() && is_digit(text[at]))
      ++at;
    return at > from;
  };
  const auto take = [&text, &at](std::string_view set) {
    const auto found = at < text.size() && set.find(text[at]) != std::string_view::npos;
    at += found ? 1 : 0;
    return found;
  };
  take("-");
  if (!take("0") && !digits())
    return false;
  if (take(".") && !digits())
    return false;
  if (take("eE")) {
    take("+-");
    if (!digits())
      return false;
  }
  return at == text.size();
}

bool is_blank(std::string_view inside) {
  for (auto at = std::size_t{0}; at < inside.size(); ++at) {
    if (inside[at] == ' ')
      continue;
    const auto next = at + 1 < inside.size() ? inside[at + 1] : '\0';
    if (inside[at] != '\\' || (next != 'n' && next != 'r' && next != 't'))
      return false;
    ++at;
  }
  return true;
}

} // namespace axonhub::llm
