#include "net/http_head.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "net/http_chars.hpp"
#include "net/http_fields.hpp"
#include "net/http_target.hpp"

namespace axonhub::net {

namespace {

using outcome = std::optional<head_error>;

head_error bad(std::string_view reason) { return {400, reason}; }

// The rules about a body's length that both directions share.
outcome check_framing(const framing& seen, int minor_version) {
  if (seen.has_length && seen.is_chunked)
    return bad("both Content-Length and Transfer-Encoding");
  if (seen.is_chunked && minor_version == 0)
    return bad("Transfer-Encoding in HTTP/1.0");
  return {};
}

void set_framing(const framing& seen, message_head& out) {
  out.body = seen.is_chunked   ? body_kind::chunked
             : seen.has_length ? body_kind::length
                               : body_kind::none;
  out.content_length = seen.has_length ? seen.length : 0;
  out.keep_alive = !seen.asks_close && (out.minor_version == 1 || seen.asks_keep_alive);
}

// The minor version in "HTTP/1.x".
outcome read_version(std::string_view text, int& minor_version) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() != 8 || !text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' ||
      !is_digit(text[7]))
    return bad("the first line has no HTTP version where it must stand");
  if (text[5] != '1' || text[7] > '1')
    return head_error{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  minor_version = text[7] - '0';
  return {};
}

outcome read_request_line(std::string_view line, const head_limits& limits, request_head& out,
                          target_parts& parts) {
  const auto first = line.find(' ');
  out.method = line.substr(0, first);
  if (out.method.size() > limits.method_bytes)
    return bad("the method is too long");
  if (out.method.empty() ||
      !std::ranges::all_of(out.method, [](char c) { return c >= 'A' && c <= 'Z'; }))
    return bad("the method is not made of capital letters");
  if (first == std::string_view::npos)
    return bad("the request line is incomplete");
  line.remove_prefix(first + 1);
  const auto second = line.find(' ');
  if (second == std::string_view::npos)
    return bad("the request line has no HTTP version");
  if (auto wrong = read_version(line.substr(second + 1), out.minor_version))
    return wrong;
  const auto target = line.substr(0, second);
  if (const auto wrong = parse_target(out.method, target, parts); !wrong.empty())
    return bad(wrong);
  out.target = parts.target;
  out.path = parts.path;
  out.query = parts.query;
  return {};
}

outcome read_status_line(std::string_view line, response_head& out) {
  if (auto wrong = read_version(line.substr(0, 8), out.minor_version))
    return wrong;
  line.remove_prefix(8);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() < 4 || line[0] != ' ' ||
      !std::all_of(line.begin() + 1, line.begin() + 4, is_digit))
    return bad("the status line has no three-digit status");
  out.status = (line[1] - '0') * 100 + (line[2] - '0') * 10 + (line[3] - '0');
  if (out.status < 100 || out.status > 599)
    return bad("the status is not between 100 and 599");
  if (out.status == 101)
    return bad("the protocol was switched without being asked");
  line.remove_prefix(4);
  if (!line.empty() && line[0] != ' ')
    return bad("the status has more than three digits");
  if (find_forbidden(line.data(), line.data() + line.size()) != line.data() + line.size())
    return bad("the reason has a control character");
  out.reason = trimmed(line);
  return {};
}

// Cuts the first line off `head` and checks the limits that concern the whole.
outcome take_first_line(std::string_view& head, const head_limits& limits, std::string_view& line) {
  const auto size = head.find("\r\n");
  if (head.size() > limits.total_bytes)
    return head_error{431, "the head is too large"};
  if (size == std::string_view::npos)
    return bad("the first line does not end");
  if (size > limits.field_bytes)
    return head_error{414, "the first line is too long"};
  line = head.substr(0, size);
  head.remove_prefix(size + 2);
  return {};
}

} // namespace

std::string_view message_head::find(std::string_view name) const {
  for (const auto& field : fields) {
    if (equals_ignoring_case(field.name, name))
      return field.value;
  }
  return {};
}

void message_head::clear_common() {
  fields.clear();
  connection_options.clear();
  body = body_kind::none;
  content_length = 0;
  keep_alive = false;
  minor_version = 1;
}

void request_head::clear() {
  clear_common();
  method = target = path = query = host = {};
  expect_continue = false;
}

void response_head::clear() {
  clear_common();
  status = 0;
  reason = {};
}

std::optional<head_error> parse_request_head(std::string_view head, const head_limits& limits,
                                             request_head& out) {
  out.clear();
  auto seen = framing{};
  auto parts = target_parts{};
  auto line = std::string_view{};
  if (auto wrong = take_first_line(head, limits, line))
    return wrong;
  if (auto wrong = read_request_line(line, limits, out, parts))
    return wrong;
  if (auto wrong = read_fields(head, limits, seen, out))
    return wrong;
  if (auto wrong = check_framing(seen, out.minor_version))
    return wrong;
  if (seen.is_chunked && (out.method == "GET" || out.method == "HEAD"))
    return bad("a GET or HEAD with Transfer-Encoding");
  if (!seen.has_host && out.minor_version == 1)
    return bad("HTTP/1.1 needs a Host");
  if (!parts.authority.empty() && !equals_ignoring_case(parts.authority, seen.host))
    return bad("the request target and Host name different hosts");
  if (seen.has_expect && !equals_ignoring_case(seen.expect, "100-continue"))
    return head_error{417, "only 'Expect: 100-continue' can be met"};
  set_framing(seen, out);
  out.host = seen.host;
  const auto has_body = seen.is_chunked || seen.length > 0;
  out.expect_continue = seen.has_expect && out.minor_version == 1 && has_body;
  return {};
}

std::optional<head_error> parse_response_head(std::string_view head, const head_limits& limits,
                                              std::string_view request_method, response_head& out) {
  out.clear();
  auto seen = framing{};
  auto line = std::string_view{};
  if (auto wrong = take_first_line(head, limits, line))
    return wrong;
  if (auto wrong = read_status_line(line, out))
    return wrong;
  if (auto wrong = read_fields(head, limits, seen, out))
    return wrong;
  if (auto wrong = check_framing(seen, out.minor_version))
    return wrong;
  const auto never_has_body = out.is_interim() || out.status == 204;
  if (never_has_body && (seen.is_chunked || seen.length > 0))
    return bad("a body with a status that has none");
  set_framing(seen, out);
  if (never_has_body || out.status == 304 || request_method == "HEAD") {
    out.body = body_kind::none;
    out.content_length = 0;
  } else if (out.body == body_kind::none) {
    out.body = body_kind::until_close;
    out.keep_alive = false;
  }
  return {};
}

} // namespace axonhub::net
