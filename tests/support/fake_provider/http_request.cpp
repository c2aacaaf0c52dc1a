#include "tests/support/fake_provider/http_request.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace axonhub::fake {

namespace {

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return c > 32 && c < 127 &&
           std::string_view{"()<>@,;:\\\"/[]?={}"}.find(static_cast<char>(c)) ==
               std::string_view::npos;
  });
}

bool is_clean(std::string_view text) {
  return std::ranges::none_of(text,
                              [](unsigned char c) { return (c < 32 && c != '\t') || c == 127; });
}

/// False when the header breaks a rule of framing.
bool note_framing(request_head& head, std::string_view name, std::string_view value) {
  if (equals_ignoring_case(name, "content-length")) {
    const auto length = parse_decimal<std::uint64_t>(value);
    if (!length || !head.header(name).empty())
      return false;
    head.content_length = *length;
  } else if (equals_ignoring_case(name, "transfer-encoding")) {
    if (!equals_ignoring_case(value, "chunked") || head.chunked)
      return false;
    head.chunked = true;
  } else if (equals_ignoring_case(name, "connection")) {
    head.keep_alive = !equals_ignoring_case(value, "close");
  } else if (equals_ignoring_case(name, "expect")) {
    head.expects_continue = equals_ignoring_case(value, "100-continue");
  }
  return true;
}

bool parse_request_line(std::string_view line, request_head& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return false;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  return is_token(head.method) && !head.target.empty() && is_clean(head.target) &&
         head.target.find_first_of(" \t") == std::string_view::npos &&
         line.substr(last + 1) == "HTTP/1.1";
}

} // namespace

std::string_view request_head::header(std::string_view name) const {
  for (const auto& [n, value] : headers)
    if (equals_ignoring_case(n, name))
      return value;
  return {};
}

std::string_view request_head::credential() const {
  if (const auto key = header("x-api-key"); !key.empty())
    return key;
  const auto value = header("authorization");
  return starts_with_ignoring_case(value, "bearer ") ? trimmed(value.substr(7))
                                                     : std::string_view{};
}

progress parse_head(std::string_view bytes, request_head& head) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos)
    return bytes.size() > 256 * 1024 ? progress::malformed : progress::incomplete;
  head = {};
  head.size = end + 4;
  auto rest = bytes.substr(0, end + 2);
  const auto next_line = [&rest] {
    const auto line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    return line;
  };
  if (!parse_request_line(next_line(), head))
    return progress::malformed;
  auto hosts = 0;
  while (!rest.empty()) {
    const auto line = next_line();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      return progress::malformed;
    const auto name = line.substr(0, colon);
    const auto value = trimmed(line.substr(colon + 1));
    if (!is_token(name) || !is_clean(value) || !note_framing(head, name, value))
      return progress::malformed;
    hosts += equals_ignoring_case(name, "host") ? 1 : 0;
    head.headers.emplace_back(name, value);
  }
  const auto two_lengths = head.chunked && !head.header("content-length").empty();
  return hosts == 1 && !two_lengths ? progress::complete : progress::malformed;
}

progress join_chunks(std::string_view bytes, std::string& body, std::size_t& used) {
  body.clear();
  auto at = std::size_t{0};
  while (true) {
    const auto line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos)
      return progress::incomplete;
    auto size = std::size_t{0};
    const auto [stop, error] =
        std::from_chars(bytes.data() + at, bytes.data() + line_end, size, 16);
    if (error != std::errc{} || stop != bytes.data() + line_end)
      return progress::malformed;
    at = line_end + 2;
    if (bytes.size() < at + size + 2)
      return progress::incomplete;
    if (bytes.substr(at + size, 2) != "\r\n")
      return progress::malformed;
    body.append(bytes.substr(at, size));
    at += size + 2;
    if (size == 0) {
      used = at;
      return progress::complete;
    }
  }
}

} // namespace axonhub::fake
