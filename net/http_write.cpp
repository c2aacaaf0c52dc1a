#include "net/http_write.hpp"

#include <algorithm>
#include <charconv>

#include "net/http_chars.hpp"

namespace axonhub::net {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 424:
      return "Failed Dependency";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    case 529:
      return "Overloaded";
    default:
      return "Unknown";
  }
}

namespace {

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, end);
}

/// "name: value" and the line's end, written in one go.
void append_line(std::string& out, std::string_view name, std::string_view value) {
  constexpr auto framing = std::string_view{": \r\n"};
  const auto size = out.size();
  out.resize(size + name.size() + value.size() + framing.size());
  auto* to = std::copy_n(name.data(), name.size(), out.data() + size);
  to = std::copy_n(framing.data(), 2, to);
  to = std::copy_n(value.data(), value.size(), to);
  std::copy_n(framing.data() + 2, 2, to);
}

} // namespace

void append_status_line(std::string& out, int status) {
  if (status < 100 || status > 599)
    status = 500;
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
}

bool append_request_line(std::string& out, std::string_view method, std::string_view target) {
  if (!is_token(method) || target.empty() || !std::ranges::all_of(target, is_visible_ascii))
    return false;
  out += method;
  out += ' ';
  out += target;
  out += " HTTP/1.1\r\n";
  return true;
}

bool append_field(std::string& out, std::string_view name, std::string_view value) {
  const auto* const end = value.data() + value.size();
  if (!is_token(name) || find_forbidden(value.data(), end) != end)
    return false;
  append_line(out, name, value);
  return true;
}

bool append_field(std::string& out, std::string_view name, std::uint64_t value) {
  if (!is_token(name))
    return false;
  char digits[20];
  const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, value);
  append_line(out, name, {digits, end});
  return true;
}

} // namespace axonhub::net
