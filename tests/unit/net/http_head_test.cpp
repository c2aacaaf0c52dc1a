#include "net/http_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

// What a connection does: look for the end of the head, then parse it.
verdict judge_request(const std::string& bytes, request_head& out) {
  auto progress = head_progress{};
  if (const auto wrong = find_head(bytes, limits, progress))
    return to_verdict(wrong);
  if (progress.size == 0)
    return {-1, "incomplete"};
  return to_verdict(
      parse_request_head(std::string_view{bytes}.substr(0, progress.size), limits, out));
}

std::string post(const std::string& fields) {
  return "POST /v1/messages HTTP/1.1\r\nHost: gateway.example\r\n" + fields + "\r\n";
}

std::string get(const std::string& target, const std::string& host = "gateway.example") {
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

std::string with_first_line(const std::string& line) {
  return line + "\r\nHost: gateway.example\r\n\r\n";
}

std::string many_fields(std::size_t count) {
  auto text = std::string{};
  for (auto i = std::size_t{0}; i < count; ++i)
    text += "X-Field-" + std::to_string(i) + ": value\r\n";
  return text;
}

// One field line of `size` bytes.
std::string field_of(std::size_t size) { return "X-Long: " + std::string(size - 8, 'a') + "\r\n"; }

std::string head_of(std::size_t size) {
  auto text = "POST / HTTP/1.1\r\nHost: gateway.example\r\n"s;
  while (size - text.size() > 10000)
    text += field_of(8000);
  while (size - text.size() > 3000)
    text += field_of(1500);
  return text + field_of(size - text.size() - 4) + "\r\n";
}

struct {
  std::string_view name;
  std::string given;
  int expected; // a status, or 0 when it is accepted
} const request_cases[] = {
    // Lengths
    {"no length", post(""), 0},
    {"a plain length", post("Content-Length: 5\r\n"), 0},
    {"a length without a space", post("Content-Length:5\r\n"), 0},
    {"the largest length", post("Content-Length: 9223372036854775807\r\n"), 0},
    {"length and chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
    {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
    {"two different lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
    {"two lengths, far apart in case", post("content-length: 5\r\nCONTENT-LENGTH: 5\r\n"), 400},
    {"two lengths of zero", post("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
    {"a list of equal lengths", post("Content-Length: 5, 5\r\n"), 400},
    {"a length with plus", post("Content-Length: +5\r\n"), 400},
    {"a length with minus", post("Content-Length: -1\r\n"), 400},
    {"a hexadecimal length", post("Content-Length: 0x5\r\n"), 400},
    {"a length with a space behind", post("Content-Length: 5 \r\n"), 400},
    {"a length with a second space before", post("Content-Length:  5\r\n"), 400},
    {"a length with underscore", post("Content-Length: 5_0\r\n"), 400},
    {"a length with leading zeros", post("Content-Length: 005\r\n"), 400},
    {"a length of 2^63", post("Content-Length: 9223372036854775808\r\n"), 400},
    {"a length of 2^64+5", post("Content-Length: 18446744073709551621\r\n"), 400},
    {"a length of 30 digits", post("Content-Length: 100000000000000000000000000005\r\n"), 400},
    {"an empty length", post("Content-Length: \r\n"), 400},
    {"an empty length without a space", post("Content-Length:\r\n"), 400},
    {"a length with TAB before", post("Content-Length:\t5\r\n"), 400},
    {"a length with TAB behind", post("Content-Length: 5\t\r\n"), 400},
    // Transfer-Encoding
    {"chunked", post("Transfer-Encoding: chunked\r\n"), 0},
    {"Chunked", post("Transfer-Encoding: Chunked\r\n"), 0},
    {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n"), 400},
    {"identity, chunked", post("Transfer-Encoding: identity, chunked\r\n"), 400},
    {"identity", post("Transfer-Encoding: identity\r\n"), 400},
    {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 400},
    {"chunked, chunked", post("Transfer-Encoding: chunked, chunked\r\n"), 400},
    {"xchunked", post("Transfer-Encoding: xchunked\r\n"), 400},
    {"chunkedx", post("Transfer-Encoding: chunkedx\r\n"), 400},
    {"a second space before chunked", post("Transfer-Encoding:  chunked\r\n"), 400},
    {"TAB before chunked", post("Transfer-Encoding:\tchunked\r\n"), 400},
    {"a space behind chunked", post("Transfer-Encoding: chunked \r\n"), 400},
    {"a vertical tab before chunked",
     post("Transfer-Encoding: \x0b"
          "chunked\r\n"),
     400},
    {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n"), 400},
    {"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 400},
    {"an empty encoding", post("Transfer-Encoding:\r\n"), 400},
    {"two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked and then identity",
     post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
    {"chunked in HTTP/1.0",
     "POST / HTTP/1.0\r\nHost: gateway.example\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"chunked with GET",
     "GET / HTTP/1.1\r\nHost: gateway.example\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"chunked with HEAD",
     "HEAD / HTTP/1.1\r\nHost: gateway.example\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    // Field names
    {"a space before the colon", post("X-Name : value\r\n"), 400},
    {"a space before the colon of a length", post("Content-Length : 5\r\n"), 400},
    {"a TAB before the colon", post("Transfer-Encoding\t: chunked\r\n"), 400},
    {"a folded line", post("X-Name: one\r\n two\r\n"), 400},
    {"a line folded with TAB", post("X-Name: one\r\n\ttwo\r\n"), 400},
    {"a folded first field", "GET / HTTP/1.1\r\n Host: gateway.example\r\n\r\n", 400},
    {"an empty name", post(": value\r\n"), 400},
    {"no colon", post("X-Name\r\n"), 400},
    {"NUL in a name", post("X-\0Name: value\r\n"s), 400},
    {"DEL in a name", post("X-\x7fName: value\r\n"), 400},
    {"non-ASCII in a name", post("X-N\xc3\xa4me: value\r\n"), 400},
    {"a control character in a name", post("X-\x01Name: value\r\n"), 400},
    {"a quote in a name", post("X-\"Name\": value\r\n"), 400},
    {"an ordinary name with underscore", post("session_id: 1\r\n"), 0},
    {"Content_Length", post("Content_Length: 5\r\n"), 400},
    {"content_length", post("content_length: 5\r\n"), 400},
    {"Transfer_Encoding", post("Transfer_Encoding: chunked\r\n"), 400},
    {"X_Api-Key", post("X_Api-Key: 1\r\n"), 400},
    // Line ends and values
    {"a bare CR in the request line", "GET / HTTP/1.1\rHost: gateway.example\r\n\r\n", 400},
    {"a bare CR in a value", post("X-Name: one\rtwo\r\n"), 400},
    {"two CR before LF", post("X-Name: one\r\r\n"), 400},
    {"bare LF line ends", "GET / HTTP/1.1\nHost: gateway.example\n\n", 400},
    {"a bare LF after the request line", "GET / HTTP/1.1\nHost: gateway.example\r\n\r\n", 400},
    {"a bare LF after a field", post("X-Name: value\n"), 400},
    {"a bare LF as blank line", "GET / HTTP/1.1\r\nHost: gateway.example\r\n\n", 400},
    {"LF inside a value", post("X-Name: one\nX-Other: two\r\n"), 400},
    {"NUL inside a value", post("X-Name: one\0two\r\n"s), 400},
    {"NUL inside a long value", post("X-Name: one two three four\0 five six seven\r\n"s), 400},
    {"DEL inside a value", post("X-Name: one\x7f\r\n"), 400},
    {"ESC inside a value", post("X-Name: \x1b[31m\r\n"), 400},
    {"TAB inside a value", post("X-Name: one\ttwo three four five\r\n"), 0},
    {"UTF-8 inside a value", post("X-Name: gr\xc3\xbc\xc3\x9f\x65\r\n"), 0},
    {"an empty value", post("X-Name:\r\n"), 0},
    {"a blank line before the request line", "\r\n" + get("/"), 400},
    // Request lines
    {"two spaces after the method", with_first_line("GET  / HTTP/1.1"), 400},
    {"two spaces before the version", with_first_line("GET /  HTTP/1.1"), 400},
    {"a space before the method", with_first_line(" GET / HTTP/1.1"), 400},
    {"a space behind the version", with_first_line("GET / HTTP/1.1 "), 400},
    {"TAB after the method", with_first_line("GET\t/ HTTP/1.1"), 400},
    {"TAB before the version", with_first_line("GET /\tHTTP/1.1"), 400},
    {"no version", with_first_line("GET /"), 400},
    {"no target", with_first_line("GET HTTP/1.1"), 400},
    {"nothing but a method", with_first_line("GET"), 400},
    {"HTTP/1.2", with_first_line("GET / HTTP/1.2"), 505},
    {"HTTP/0.9", with_first_line("GET / HTTP/0.9"), 505},
    {"HTTP/2.0", with_first_line("GET / HTTP/2.0"), 505},
    {"HTTP/1.10", with_first_line("GET / HTTP/1.10"), 400},
    {"HTTP/1", with_first_line("GET / HTTP/1"), 400},
    {"http/1.1", with_first_line("GET / http/1.1"), 400},
    {"HTTP/1,1", with_first_line("GET / HTTP/1,1"), 400},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"a lower-case method", with_first_line("get / HTTP/1.1"), 400},
    {"a method in mixed case", with_first_line("Get / HTTP/1.1"), 400},
    {"a method with a digit", with_first_line("GET1 / HTTP/1.1"), 400},
    {"a method of 32 bytes", with_first_line(std::string(32, 'A') + " / HTTP/1.1"), 0},
    {"a method of 33 bytes", with_first_line(std::string(33, 'A') + " / HTTP/1.1"), 400},
    {"a TLS client hello", "\x16\x03\x01\x02", 400},
    // Targets
    {"a path", get("/v1/models"), 0},
    {"a query", get("/v1/models?limit=10&after=a//b..c"), 0},
    {"an escaped slash in a model name", get("/v1/models/meta%2Fllama"), 0},
    {"escaped UTF-8", get("/v1/models/gr%C3%BC%C3%9F%65"), 0},
    {"a dot inside a name", get("/v1/models/gpt-4.1"), 0},
    {"absolute-form with the same Host", get("http://gateway.example/v1/models"), 0},
    {"absolute-form in another case", get("HTTP://Gateway.Example/v1/models"), 0},
    {"absolute-form with other Host", get("http://other.example/v1/models"), 400},
    {"absolute-form with another port", get("http://gateway.example:80/"), 400},
    {"absolute-form with a user", get("http://me@gateway.example/"), 400},
    {"absolute-form with a query as path", get("http://gateway.example?a"), 400},
    {"absolute-form with a dot segment", get("http://gateway.example/../x"), 400},
    {"absolute-form of another scheme", get("ftp://gateway.example/"), 400},
    {"absolute-form in HTTP/1.0 without Host", "GET http://gateway.example/ HTTP/1.0\r\n\r\n", 400},
    {"authority-form", with_first_line("CONNECT gateway.example:443 HTTP/1.1"), 400},
    {"authority-form with GET", get("gateway.example:443"), 400},
    {"asterisk with GET", get("*"), 400},
    {"asterisk with OPTIONS", with_first_line("OPTIONS * HTTP/1.1"), 0},
    {"a path without slash", get("v1/models"), 400},
    {"a path with a raw space", get("/v1/mod els"), 400},
    {"a path with '#'", get("/v1/models#top"), 400},
    {"a path with %00", get("/v1/models%00"), 400},
    {"a path with %0d%0a", get("/v1/models%0d%0aX: 1"), 400},
    {"a path with %7F", get("/v1/models%7F"), 400},
    {"a path with '..'", get("/v1/../admin"), 400},
    {"a path that ends in '..'", get("/v1/.."), 400},
    {"a path with escaped '..'", get("/v1/%2e%2E/admin"), 400},
    {"a path with half escaped '..'", get("/v1/.%2e/admin"), 400},
    {"a path with '..' behind an escaped slash", get("/v1/a%2f..%2fadmin"), 400},
    {"a path with '..;'", get("/v1/..;/admin"), 400},
    {"a path with a '.' segment", get("/v1/./models"), 400},
    {"a path that ends in a '.' segment", get("/v1/.?a=b"), 400},
    {"a path with '//'", get("/v1//models"), 400},
    {"a path that starts with '//'", get("//other.example/"), 400},
    {"a path with an escaped '//'", get("/v1/%2Fmodels"), 400},
    {"a path with a backslash", get("/v1\\models"), 400},
    {"a path with an escaped backslash", get("/v1%5Cmodels"), 400},
    {"a path with raw UTF-8", get("/v1/gr\xc3\xbc\xc3\x9f"), 400},
    {"a path that is not UTF-8", get("/v1/\xff\xfe"), 400},
    {"escapes that are not UTF-8", get("/v1/%ff%fe"), 400},
    {"an overlong escaped slash", get("/v1/%c0%af"), 400},
    {"an escaped character that is cut", get("/v1/%c3"), 400},
    {"an escaped surrogate", get("/v1/%ed%a0%80"), 400},
    {"a broken escape", get("/v1/%zz"), 400},
    {"a cut escape", get("/v1/%4"), 400},
    {"%00 in a query", get("/v1/models?a=%00"), 400},
    {"'#' in a query", get("/v1/models?a#b"), 400},
    {"DEL in a path", get("/v1/\x7f"), 400},
    {"NUL in a path", get("/v1/\0"s), 400},
    // Host
    {"Host with a port", get("/", "gateway.example:8090"), 0},
    {"Host with IPv4", get("/", "127.0.0.1:8090"), 0},
    {"Host with IPv6", get("/", "[::1]:8090"), 0},
    {"two Hosts", post("Host: gateway.example\r\n"), 400},
    {"two different Hosts", post("host: other.example\r\n"), 400},
    {"no Host in HTTP/1.1", "GET / HTTP/1.1\r\n\r\n", 400},
    {"no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 0},
    {"an empty Host", get("/", ""), 400},
    {"Host with '@'", get("/", "gateway@example"), 400},
    {"Host with user and password", get("/", "me:secret@gateway.example"), 400},
    {"Host with '#'", get("/", "gateway.example#x"), 400},
    {"Host with a path", get("/", "gateway.example/x"), 400},
    {"Host with a space", get("/", "gateway .example"), 400},
    {"Host with a comma", get("/", "gateway.example, other.example"), 400},
    {"Host with an escape", get("/", "gateway%2eexample"), 400},
    {"Host with port 0", get("/", "gateway.example:0"), 400},
    {"Host with port 65536", get("/", "gateway.example:65536"), 400},
    {"Host with port 80x", get("/", "gateway.example:80x"), 400},
    {"Host with port -1", get("/", "gateway.example:-1"), 400},
    {"Host with an empty port", get("/", "gateway.example:"), 400},
    {"Host with two ports", get("/", "gateway.example:80:80"), 400},
    {"Host that is a port only", get("/", ":80"), 400},
    {"Host with an open bracket", get("/", "[::1"), 400},
    {"Host with text behind the bracket", get("/", "[::1]x"), 400},
    {"Host with a zone", get("/", "[fe80::1%25eth0]"), 400},
    // Expect, Upgrade, Connection
    {"Expect: 100-continue", post("Content-Length: 5\r\nExpect: 100-Continue\r\n"), 0},
    {"another Expect", post("Expect: 200-ok\r\n"), 417},
    {"an Expect with more", post("Expect: 100-continue, other\r\n"), 417},
    {"an empty Expect", post("Expect:\r\n"), 417},
    {"two Expect", post("Expect: 100-continue\r\nExpect: 100-continue\r\n"), 400},
    {"Upgrade: h2c",
     post("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"), 0},
    {"Connection: close", post("Connection: close\r\n"), 0},
    {"Connection: close, X-Api-Key", post("Connection: close, X-Api-Key\r\n"), 400},
    {"Connection: authorization", post("Connection: authorization\r\n"), 400},
    {"Connection: Cookie", post("Connection: keep-alive,Cookie\r\n"), 400},
    {"Connection: Host", post("Connection: Host\r\n"), 400},
    {"Connection: Content-Length", post("Connection: Content-Length\r\n"), 400},
    {"Connection: Transfer-Encoding", post("Connection: Transfer-Encoding\r\n"), 400},
    {"X-Api-Key in a second Connection", post("Connection: a\r\nConnection: x-api-key\r\n"), 400},
    {"Connection that is no list", post("Connection: close; x\r\n"), 400},
    // Limits
    {"100 fields", "POST / HTTP/1.1\r\nHost: a\r\n" + many_fields(99) + "\r\n", 0},
    {"101 fields", "POST / HTTP/1.1\r\nHost: a\r\n" + many_fields(100) + "\r\n", 431},
    {"1,000 fields", "POST / HTTP/1.1\r\nHost: a\r\n" + many_fields(999) + "\r\n", 431},
    {"a field of 8 KiB", post(field_of(8192)), 0},
    {"a field above 8 KiB", post(field_of(8193)), 431},
    {"a request line of 8 KiB", get("/" + std::string(8192 - 14, 'a')), 0},
    {"a request line above 8 KiB", get("/" + std::string(8193 - 14, 'a')), 414},
    {"a head of 64 KiB", head_of(65536), 0},
    {"a head above 64 KiB", head_of(65537), 431},
};

TEST(parse_request_head, decides_every_entry_of_the_smuggling_list) {
  auto head = request_head{};
  for (const auto& [name, given, expected] : request_cases) {
    SCOPED_TRACE(name);
    const auto [status, reason] = judge_request(given, head);
    EXPECT_EQ(status, expected) << reason;
    EXPECT_EQ(reason.empty(), expected == 0);
  }
}

// Without find_head() before it, the parser alone refuses the same.
TEST(parse_request_head, trusts_nothing_about_its_input) {
  auto head = request_head{};
  for (const auto& [name, given, expected] : request_cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(parse_request_head(given, limits, head).has_value(), expected != 0);
  }
}

TEST(parse_request_head, refuses_a_head_that_is_cut_anywhere) {
  const auto whole = post("Content-Length: 5\r\nX-Name: value\r\n");
  auto head = request_head{};
  ASSERT_FALSE(parse_request_head(whole, limits, head));
  for (auto size = std::size_t{0}; size < whole.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read behind the end.
    const auto cut = std::vector<char>(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_TRUE(parse_request_head({cut.data(), cut.size()}, limits, head)) << size;
  }
  EXPECT_TRUE(parse_request_head(whole + "x", limits, head));
}

TEST(parse_request_head, refuses_every_control_character_at_every_place_of_a_head) {
  const auto whole = post("Content-Length: 5\r\nX-Name: some value\r\n");
  auto head = request_head{};
  for (auto at = std::size_t{0}; at < whole.size(); ++at) {
    for (auto c = 0; c < 0x21; ++c) {
      if (c == '\t' || c == ' ' || c == whole[at])
        continue;
      auto changed = whole;
      changed[at] = static_cast<char>(c);
      EXPECT_TRUE(parse_request_head(changed, limits, head)) << at << " " << c;
    }
  }
}

TEST(parse_request_head, yields_the_parts_of_the_request) {
  const auto bytes =
      "POST /v1/messages?beta=true HTTP/1.1\r\nHost: gateway.example:8090\r\n"
      "x-api-key:  ah-secret \t\r\nEmpty:\r\ncontent-length: 12\r\nExpect: 100-continue\r\n\r\n"s;
  auto head = request_head{};
  ASSERT_FALSE(parse_request_head(bytes, limits, head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/messages?beta=true");
  EXPECT_EQ(head.path, "/v1/messages");
  EXPECT_EQ(head.query, "beta=true");
  EXPECT_EQ(head.host, "gateway.example:8090");
  EXPECT_EQ(head.find("X-Api-Key"), "ah-secret");
  EXPECT_EQ(head.find("empty"), "");
  EXPECT_EQ(head.find("missing"), "");
  EXPECT_EQ(head.fields.size(), 5u);
  EXPECT_EQ(head.fields[1].name, "x-api-key");
  EXPECT_EQ(head.body, body_kind::length);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.keep_alive);
}

TEST(parse_request_head, takes_the_path_out_of_an_absolute_form) {
  auto head = request_head{};
  const auto bytes = get("https://gateway.example/v1/models?a=b");
  ASSERT_FALSE(parse_request_head(bytes, limits, head));
  EXPECT_EQ(head.target, "/v1/models?a=b");
  EXPECT_EQ(head.path, "/v1/models");
  const auto bare = get("http://gateway.example");
  ASSERT_FALSE(parse_request_head(bare, limits, head));
  EXPECT_EQ(head.path, "/");
}

TEST(parse_request_head, says_how_the_body_ends) {
  struct {
    std::string_view name;
    std::string given;
    body_kind expected;
  } cases[] = {
      {"nothing said", post(""), body_kind::none},
      {"a length", post("Content-Length: 5\r\n"), body_kind::length},
      {"chunks", post("Transfer-Encoding: CHUNKED\r\n"), body_kind::chunked},
      {"GET with a length", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
       body_kind::length},
  };
  auto head = request_head{};
  for (const auto& [name, given, expected] : cases) {
    SCOPED_TRACE(name);
    ASSERT_FALSE(parse_request_head(given, limits, head));
    EXPECT_EQ(head.body, expected);
  }
}

TEST(parse_request_head, waits_for_100_continue_only_when_a_body_follows) {
  auto head = request_head{};
  ASSERT_FALSE(parse_request_head(post("Expect: 100-continue\r\n"), limits, head));
  EXPECT_FALSE(head.expect_continue);
  const auto old = "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"s;
  ASSERT_FALSE(parse_request_head(old, limits, head));
  EXPECT_FALSE(head.expect_continue);
}

TEST(parse_request_head, keeps_a_connection_alive_by_version_and_wish) {
  struct {
    std::string_view version;
    std::string connection;
    bool expected;
  } cases[] = {
      {"HTTP/1.1", "", true},
      {"HTTP/1.1", "Connection: close\r\n", false},
      {"HTTP/1.1", "Connection: Close\r\n", false},
      {"HTTP/1.1", "Connection: x, close ,\r\n", false},
      {"HTTP/1.1", "Connection: keep-alive\r\n", true},
      {"HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
      {"HTTP/1.0", "", false},
      {"HTTP/1.0", "Connection: Keep-Alive\r\n", true},
      {"HTTP/1.0", "Connection: keep-alive, close\r\n", false},
  };
  auto head = request_head{};
  for (const auto& [version, connection, expected] : cases) {
    SCOPED_TRACE(connection);
    const auto bytes = "GET / " + std::string{version} + "\r\nHost: a\r\n" + connection + "\r\n";
    ASSERT_FALSE(parse_request_head(bytes, limits, head));
    EXPECT_EQ(head.keep_alive, expected);
  }
}

TEST(parse_request_head, allocates_nothing_for_later_messages_and_forgets_earlier_ones) {
  auto head = request_head{};
  const auto large = post(many_fields(60) + "Connection: x\r\nContent-Length: 5\r\n");
  ASSERT_FALSE(parse_request_head(large, limits, head));
  const auto* const storage = head.fields.data();
  const auto small = get("/");
  ASSERT_FALSE(parse_request_head(small, limits, head));
  EXPECT_EQ(head.fields.size(), 1u);
  EXPECT_TRUE(head.connection_options.empty());
  EXPECT_EQ(head.body, body_kind::none);
  EXPECT_EQ(head.content_length, 0u);
  ASSERT_FALSE(parse_request_head(large, limits, head));
  EXPECT_EQ(head.fields.data(), storage);
}

TEST(parse_request_head, drops_hop_by_hop_fields_and_what_connection_names) {
  const auto bytes = post("Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\n");
  auto head = request_head{};
  ASSERT_FALSE(parse_request_head(bytes, limits, head));
  for (const auto name : {"Connection", "TE", "Upgrade", "Keep-Alive", "Transfer-Encoding",
                          "Proxy-Connection", "Trailer", "HTTP2-Settings"})
    EXPECT_TRUE(is_hop_by_hop(name)) << name;
  EXPECT_FALSE(is_hop_by_hop("X-Hop"));
  EXPECT_TRUE(head.is_dropped("x-hop"));
  EXPECT_TRUE(head.is_dropped("connection"));
  EXPECT_FALSE(head.is_dropped("x-end"));
}

TEST(find_head, finds_the_end_wherever_the_bytes_are_split) {
  for (const auto& [name, given, expected] : request_cases) {
    if (given.size() > 4096)
      continue; // byte by byte is for the short ones; the limits have their own test
    SCOPED_TRACE(name);
    auto progress = head_progress{};
    auto error = std::optional<head_error>{};
    auto size = std::size_t{0};
    while (size < given.size() && !error && progress.size == 0) {
      ++size;
      const auto part = std::vector<char>(given.begin(), given.begin() + static_cast<long>(size));
      error = find_head({part.data(), part.size()}, limits, progress);
    }
    auto at_once = head_progress{};
    const auto whole = find_head(given, limits, at_once);
    EXPECT_EQ(error.has_value(), whole.has_value());
    EXPECT_EQ(progress.size, at_once.size);
    if (expected == 0) {
      EXPECT_EQ(progress.size, given.size());
    }
  }
}

TEST(find_head, leaves_what_follows_for_the_next_message) {
  const auto first = post("Content-Length: 2\r\n");
  const auto bytes = first + "{}" + get("/");
  auto progress = head_progress{};
  ASSERT_FALSE(find_head(bytes, limits, progress));
  EXPECT_EQ(progress.size, first.size());
}

TEST(find_head, reads_leftovers_of_a_post_without_length_as_a_strict_next_head) {
  const auto first = post("");
  const auto bytes = first + "{\"model\":\"small\"}";
  auto head = request_head{};
  auto progress = head_progress{};
  ASSERT_FALSE(find_head(bytes, limits, progress));
  ASSERT_FALSE(parse_request_head(bytes.substr(0, progress.size), limits, head));
  EXPECT_EQ(head.body, body_kind::none);
  auto next = head_progress{};
  const auto wrong = find_head(std::string_view{bytes}.substr(progress.size), limits, next);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->status, 400);
}

TEST(find_head, never_reaches_a_second_request_behind_an_error) {
  const auto bytes = post("X: \n") + get("/admin");
  auto progress = head_progress{};
  EXPECT_TRUE(find_head(bytes, limits, progress));
  EXPECT_EQ(progress.size, 0u);
  EXPECT_TRUE(find_head(bytes, limits, progress)); // and the error stays
  EXPECT_EQ(progress.size, 0u);
}

TEST(find_head, refuses_as_soon_as_it_is_certain) {
  struct {
    std::string_view name;
    std::string given; // an incomplete head
    int expected;
  } cases[] = {
      {"no capital letter first", "\x16", 400},
      {"a blank line first", "\r", 400},
      {"a bare LF", "GET / HTTP/1.1\n", 400},
      {"a bare CR", "GET / HTTP/1.1\rH", 400},
      {"a first line without end", "GET /" + std::string(8192, 'a'), 414},
      {"a field without end", "GET / HTTP/1.1\r\nX: " + std::string(8192, 'a'), 431},
      {"a field too many", "GET / HTTP/1.1\r\n" + many_fields(101), 431},
      {"64 KiB without end", head_of(65540).substr(0, 65536), 431},
  };
  for (const auto& [name, given, expected] : cases) {
    SCOPED_TRACE(name);
    auto progress = head_progress{};
    const auto wrong = find_head(given, limits, progress);
    ASSERT_TRUE(wrong);
    EXPECT_EQ(wrong->status, expected);
  }
}

TEST(find_head, obeys_smaller_limits) {
  auto small = head_limits{};
  small.total_bytes = 64;
  small.fields = 2;
  auto progress = head_progress{};
  EXPECT_FALSE(find_head("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n", small, progress));
  EXPECT_GT(progress.size, 0u);
  progress = {};
  EXPECT_TRUE(find_head("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\n\r\n", small, progress));
}

} // namespace
} // namespace axonhub::net
