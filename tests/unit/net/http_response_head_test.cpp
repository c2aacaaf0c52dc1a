#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/http_head.hpp"

namespace axonhub::net {
namespace {

using namespace std::string_literals;

const auto limits = head_limits{};

struct verdict {
  int status = 0; // 0: accepted
  std::string reason;
};

verdict to_verdict(const std::optional<head_error>& error) {
  return error ? verdict{error->status, std::string{error->reason}} : verdict{};
}

verdict judge_response(const std::string& bytes, std::string_view method, response_head& out) {
  auto progress = head_progress{};
  if (const auto wrong = find_head(bytes, limits, progress))
    return to_verdict(wrong);
  if (progress.size == 0)
    return {-1, "incomplete"};
  return to_verdict(
      parse_response_head(std::string_view{bytes}.substr(0, progress.size), limits, method, out));
}

std::string many_fields(std::size_t count) {
  auto text = std::string{};
  for (auto i = std::size_t{0}; i < count; ++i)
    text += "X-Field-" + std::to_string(i) + ": value\r\n";
  return text;
}

std::string field_of(std::size_t size) { return "X-Long: " + std::string(size - 8, 'a') + "\r\n"; }

std::string response(const std::string& fields, const std::string& first = "HTTP/1.1 200 OK") {
  return first + "\r\n" + fields + "\r\n";
}

TEST(parse_response_head, decides_every_entry_of_the_response_list) {
  struct {
    std::string_view name;
    std::string given;
    bool accepted;
  } cases[] = {
      {"a plain response", response("Content-Length: 5\r\n"), true},
      {"chunked", response("Transfer-Encoding: Chunked\r\n"), true},
      {"no reason", response("", "HTTP/1.1 200"), true},
      {"an empty reason", response("", "HTTP/1.1 200 "), true},
      {"a reason of words", response("", "HTTP/1.1 529 Site is overloaded"), true},
      {"a reason with UTF-8", response("", "HTTP/1.1 404 introuvable \xc3\xa0"), true},
      {"HTTP/1.0", response("", "HTTP/1.0 200 OK"), true},
      {"several status lines", response("HTTP/1.1 200 OK\r\n"), false},
      {"several status lines without reason", response("HTTP/1.1 200\r\nA: b\r\n"), false},
      {"a header without colon", response("X-Name value\r\n"), false},
      {"length and chunked", response("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
       false},
      {"chunked and length", response("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
       false},
      {"two equal lengths", response("Content-Length: 5\r\nContent-Length: 5\r\n"), false},
      {"two different lengths", response("Content-Length: 5\r\nContent-Length: 6\r\n"), false},
      {"a list of lengths", response("Content-Length: 5, 5\r\n"), false},
      {"a signed length", response("Content-Length: +5\r\n"), false},
      {"a negative length", response("Content-Length: -5\r\n"), false},
      {"a hexadecimal length", response("Content-Length: 0x5\r\n"), false},
      {"a length with a space behind", response("Content-Length: 5 \r\n"), false},
      {"a length with a second space before", response("Content-Length:  5\r\n"), false},
      {"a length with TAB", response("Content-Length:\t5\r\n"), false},
      {"a length with underscore", response("Content-Length: 5_0\r\n"), false},
      {"an empty length", response("Content-Length:\r\n"), false},
      {"a length of 2^63", response("Content-Length: 9223372036854775808\r\n"), false},
      {"a length of 2^64+5", response("Content-Length: 18446744073709551621\r\n"), false},
      {"gzip, chunked", response("Transfer-Encoding: gzip, chunked\r\n"), false},
      {"gzip", response("Transfer-Encoding: gzip\r\n"), false},
      {"identity", response("Transfer-Encoding: identity\r\n"), false},
      {"xchunked", response("Transfer-Encoding: xchunked\r\n"), false},
      {"a vertical tab before chunked",
       response("Transfer-Encoding: \x0b"
                "chunked\r\n"),
       false},
      {"two encodings", response("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
       false},
      {"chunked in HTTP/1.0", response("Transfer-Encoding: chunked\r\n", "HTTP/1.0 200 OK"), false},
      {"Content_Length", response("Content_Length: 5\r\n"), false},
      {"a body with 204", response("Content-Length: 5\r\n", "HTTP/1.1 204 No Content"), false},
      {"chunks with 204", response("Transfer-Encoding: chunked\r\n", "HTTP/1.1 204 No Content"),
       false},
      {"a length of zero with 204", response("Content-Length: 0\r\n", "HTTP/1.1 204 No Content"),
       true},
      {"the length that 304 would have", response("Content-Length: 5\r\n", "HTTP/1.1 304 x"), true},
      {"a body with 100", response("Content-Length: 5\r\n", "HTTP/1.1 100 Continue"), false},
      {"101 unasked", response("Upgrade: h2c\r\n", "HTTP/1.1 101 Switching Protocols"), false},
      {"HTTP/1.2", response("", "HTTP/1.2 200 OK"), false},
      {"HTTP/2", response("", "HTTP/2 200"), false},
      {"another protocol", response("", "ICY 200 OK"), false},
      {"two digits", response("", "HTTP/1.1 20 OK"), false},
      {"four digits", response("", "HTTP/1.1 2000 OK"), false},
      {"no digits", response("", "HTTP/1.1 OK"), false},
      {"no status", response("", "HTTP/1.1"), false},
      {"status 099", response("", "HTTP/1.1 099 x"), false},
      {"status 600", response("", "HTTP/1.1 600 x"), false},
      {"two spaces before the status", response("", "HTTP/1.1  200 OK"), false},
      {"TAB before the status", response("", "HTTP/1.1\t200 OK"), false},
      {"NUL in the reason", response("", "HTTP/1.1 200 O\0K"s), false},
      {"NUL in a value", response("X-Name: a\0b\r\n"s), false},
      {"a folded line", response("X-Name: a\r\n b\r\n"), false},
      {"a space before the colon", response("Content-Length : 5\r\n"), false},
      {"bare LF line ends", "HTTP/1.1 200 OK\nX: y\n\n", false},
      {"a bare CR", response("X-Name: a\rb\r\n"), false},
      {"Connection names a framing field", response("Connection: content-length\r\n"), false},
      {"101 fields", response(many_fields(101)), false},
      {"1,000 fields", response(many_fields(1000)), false},
      {"a field above 8 KiB", response(field_of(8193)), false},
  };
  auto head = response_head{};
  for (const auto& [name, given, accepted] : cases) {
    SCOPED_TRACE(name);
    const auto [status, reason] = judge_response(given, "POST", head);
    EXPECT_EQ(status == 0, accepted) << reason;
    EXPECT_NE(status, -1);
    EXPECT_EQ(!parse_response_head(given, limits, "POST", head), accepted);
  }
}

TEST(parse_response_head, says_how_the_body_ends) {
  struct {
    std::string_view name;
    std::string given;
    std::string_view method;
    body_kind expected;
    bool keep_alive;
  } cases[] = {
      {"a length", response("Content-Length: 5\r\n"), "POST", body_kind::length, true},
      {"chunks", response("Transfer-Encoding: chunked\r\n"), "GET", body_kind::chunked, true},
      {"neither", response(""), "POST", body_kind::until_close, false},
      {"neither, though it asks", response("Connection: keep-alive\r\n"), "POST",
       body_kind::until_close, false},
      {"HEAD with a length", response("Content-Length: 5\r\n"), "HEAD", body_kind::none, true},
      {"HEAD with chunks", response("Transfer-Encoding: chunked\r\n"), "HEAD", body_kind::none,
       true},
      {"HEAD with neither", response(""), "HEAD", body_kind::none, true},
      {"204", response("", "HTTP/1.1 204 No Content"), "POST", body_kind::none, true},
      {"304", response("Content-Length: 5\r\n", "HTTP/1.1 304 Not Modified"), "GET",
       body_kind::none, true},
      {"100", response("", "HTTP/1.1 100 Continue"), "POST", body_kind::none, true},
      {"close", response("Content-Length: 5\r\nConnection: close\r\n"), "POST", body_kind::length,
       false},
      {"HTTP/1.0", response("Content-Length: 5\r\n", "HTTP/1.0 200 OK"), "POST", body_kind::length,
       false},
      {"HTTP/1.0 that asks",
       response("Content-Length: 5\r\nConnection: keep-alive\r\n", "HTTP/1.0 200 OK"), "POST",
       body_kind::length, true},
  };
  auto head = response_head{};
  for (const auto& [name, given, method, expected, keep_alive] : cases) {
    SCOPED_TRACE(name);
    ASSERT_EQ(judge_response(given, method, head).status, 0);
    EXPECT_EQ(head.body, expected);
    EXPECT_EQ(head.keep_alive, keep_alive);
    EXPECT_EQ(head.content_length, expected == body_kind::length ? 5u : 0u);
  }
}

TEST(parse_response_head, yields_status_and_reason) {
  auto head = response_head{};
  const auto bytes = response("Retry-After: 7\r\n", "HTTP/1.1 429 Too Many Requests");
  ASSERT_FALSE(parse_response_head(bytes, limits, "POST", head));
  EXPECT_EQ(head.status, 429);
  EXPECT_EQ(head.reason, "Too Many Requests");
  EXPECT_EQ(head.find("retry-after"), "7");
  EXPECT_FALSE(head.is_interim());
}

TEST(parse_response_head, lets_a_reader_count_interim_responses_up_to_a_flood) {
  auto bytes = std::string{};
  for (auto i = 0; i <= max_interim_responses; ++i)
    bytes += response("", "HTTP/1.1 103 Early Hints");
  auto head = response_head{};
  auto rest = std::string_view{bytes};
  auto interim = 0;
  while (!rest.empty()) {
    auto progress = head_progress{};
    ASSERT_FALSE(find_head(rest, limits, progress));
    ASSERT_FALSE(parse_response_head(rest.substr(0, progress.size), limits, "POST", head));
    EXPECT_EQ(head.body, body_kind::none);
    interim += head.is_interim() ? 1 : 0;
    rest.remove_prefix(progress.size);
  }
  EXPECT_EQ(interim, 9);
  EXPECT_GT(interim, max_interim_responses);
}

} // namespace
} // namespace axonhub::net
