#include "net/http_fields.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "net/http_chars.hpp"
#include "net/http_target.hpp"

namespace axonhub::net {

namespace {

constexpr auto hop_by_hop_names = std::array<std::string_view, 10>{"connection",
                                                                   "keep-alive",
                                                                   "proxy-connection",
                                                                   "proxy-authenticate",
                                                                   "proxy-authorization",
                                                                   "te",
                                                                   "trailer",
                                                                   "transfer-encoding",
                                                                   "upgrade",
                                                                   "http2-settings"};

// Fields that frame, route, authenticate or describe a message. Connection may not name one, since
// the next hop would drop it, and nobody may send a look-alike with '_' for '-', which some servers
// read as the same field.
constexpr auto protected_names = std::array<std::string_view, 23>{"authorization",
                                                                  "x-api-key",
                                                                  "api-key",
                                                                  "x-goog-api-key",
                                                                  "cookie",
                                                                  "set-cookie",
                                                                  "host",
                                                                  "content-length",
                                                                  "transfer-encoding",
                                                                  "content-type",
                                                                  "content-encoding",
                                                                  "content-range",
                                                                  "expect",
                                                                  "connection",
                                                                  "forwarded",
                                                                  "x-forwarded-for",
                                                                  "x-forwarded-host",
                                                                  "x-forwarded-proto",
                                                                  "x-real-ip",
                                                                  "proxy-authorization",
                                                                  "www-authenticate",
                                                                  "origin",
                                                                  "date"};

bool is_named_in(const auto& names, std::string_view name) {
  return std::ranges::any_of(
      names, [name](std::string_view known) { return equals_ignoring_case(known, name); });
}

bool is_protected_twin(std::string_view name) {
  return std::ranges::any_of(protected_names, [name](std::string_view known) {
    return std::ranges::equal(known, name,
                              [](char k, char n) { return k == (n == '_' ? '-' : to_lower(n)); });
  });
}

using outcome = std::optional<head_error>;

head_error bad(std::string_view reason) { return {400, reason}; }

// As trimmed(), but quick: most values have one blank before them and none behind.
std::string_view without_blanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

// The framing fields allow one space before their value and nothing behind it: padding is legal,
// but parsers disagree about which bytes are padding.
std::string_view without_one_space(std::string_view raw) {
  if (raw.starts_with(' '))
    raw.remove_prefix(1);
  return raw;
}

outcome read_content_length(std::string_view raw, framing& seen) {
  const auto digits = without_one_space(raw);
  constexpr auto most_digits = std::size_t{19}; // of 2^63-1
  if (seen.has_length)
    return bad("more than one Content-Length");
  if (digits.empty() || digits.size() > most_digits || (digits[0] == '0' && digits.size() > 1))
    return bad("Content-Length is not a plain number");
  for (const auto c : digits) {
    if (c < '0' || c > '9')
      return bad("Content-Length is not a plain number");
    seen.length = seen.length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (seen.length >> 63 != 0)
    return bad("Content-Length is too large");
  seen.has_length = true;
  return {};
}

outcome read_transfer_encoding(std::string_view raw, framing& seen) {
  if (seen.is_chunked)
    return bad("more than one Transfer-Encoding");
  if (!equals_ignoring_case(without_one_space(raw), "chunked"))
    return bad("Transfer-Encoding is not exactly 'chunked'");
  seen.is_chunked = true;
  return {};
}

outcome read_connection(std::string_view value, framing& seen, message_head& out) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const auto option = trimmed(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (option.empty())
      continue;
    if (!is_token(option))
      return bad("Connection is not a list of names");
    if (is_named_in(protected_names, option))
      return bad("Connection names a field that must reach its end");
    seen.asks_close = seen.asks_close || equals_ignoring_case(option, "close");
    seen.asks_keep_alive = seen.asks_keep_alive || equals_ignoring_case(option, "keep-alive");
    out.connection_options.push_back(option);
  }
  return {};
}

outcome read_host(std::string_view value, framing& seen) {
  if (seen.has_host)
    return bad("more than one Host");
  if (!is_valid_host(value))
    return bad("Host is not a host name or address");
  seen.has_host = true;
  seen.host = value;
  return {};
}

outcome read_expect(std::string_view value, framing& seen) {
  if (seen.has_expect)
    return bad("more than one Expect");
  seen.has_expect = true;
  seen.expect = value;
  return {};
}

// The fields that decide something about the message itself, told apart by their lengths first.
outcome read_known_field(std::string_view name, std::string_view raw, std::string_view value,
                         framing& seen, message_head& out) {
  switch (name.size()) {
    case 4:
      return equals_ignoring_case(name, "host") ? read_host(value, seen) : outcome{};
    case 6:
      return equals_ignoring_case(name, "expect") ? read_expect(value, seen) : outcome{};
    case 10:
      return equals_ignoring_case(name, "connection") ? read_connection(value, seen, out)
                                                      : outcome{};
    case 14:
      return equals_ignoring_case(name, "content-length") ? read_content_length(raw, seen)
                                                          : outcome{};
    case 17:
      return equals_ignoring_case(name, "transfer-encoding") ? read_transfer_encoding(raw, seen)
                                                             : outcome{};
    default:
      return {};
  }
}

// Whether exactly a line's end stands at `at`.
bool is_line_end(const char* at, const char* end) {
  return end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

} // namespace

std::optional<head_error> read_fields(std::string_view text, const head_limits& limits,
                                      framing& seen, message_head& out) {
  const auto* at = text.data();
  const auto* const end = at + text.size();
  while (!is_line_end(at, end)) {
    if (out.fields.size() == limits.fields)
      return head_error{431, "too many header fields"};
    const auto* const line = at;
    auto kinds = std::uint8_t{0}; // of the name's characters
    for (; at != end; ++at) {
      const auto kind = token_chars[static_cast<unsigned char>(*at)];
      if (kind == 0)
        break;
      kinds |= kind;
    }
    const auto name = std::string_view{line, static_cast<std::size_t>(at - line)};
    if (name.empty() || at == end || *at != ':')
      return bad("a header line has no name, or a byte that no name has before its colon");
    if ((kinds & underscore) != 0 && is_protected_twin(name))
      return bad("a header name differs from a protected one only in '_' for '-'");
    ++at;
    const auto* const value_end = find_forbidden(at, end);
    if (!is_line_end(value_end, end))
      return bad("a header line has a control character or does not end in CR LF");
    const auto raw = std::string_view{at, static_cast<std::size_t>(value_end - at)};
    if (static_cast<std::size_t>(value_end - line) > limits.field_bytes)
      return head_error{431, "a header field is too large"};
    const auto value = without_blanks(raw);
    if (auto wrong = read_known_field(name, raw, value, seen, out))
      return wrong;
    out.fields.push_back({name, value});
    at = value_end + 2;
  }
  if (end - at != 2)
    return bad("bytes behind the blank line that ends the head");
  return {};
}

bool is_hop_by_hop(std::string_view name) { return is_named_in(hop_by_hop_names, name); }

bool message_head::is_dropped(std::string_view name) const {
  return is_hop_by_hop(name) || is_named_in(connection_options, name);
}

} // namespace axonhub::net
