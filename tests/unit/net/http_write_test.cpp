#include "net/http_write.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/http_head.hpp"

namespace axonhub::net {
namespace {

using namespace std::string_literals;

TEST(append_field, refuses_what_could_start_a_line_and_writes_nothing_of_it) {
  struct {
    std::string_view name;
    std::string field;
    std::string value;
    std::string expected;
  } cases[] = {
      {"a plain field", "X-Name", "value", "X-Name: value\r\n"},
      {"an empty value", "X-Name", "", "X-Name: \r\n"},
      {"TAB in a value", "X-Name", "a\tb", "X-Name: a\tb\r\n"},
      {"UTF-8 in a value", "X-Name", "gr\xc3\xbc\xc3\x9f", "X-Name: gr\xc3\xbc\xc3\x9f\r\n"},
      {"CR LF in a value", "X-Name", "a\r\nX-Admin: 1", ""},
      {"CR in a value", "X-Name", "a\rb", ""},
      {"LF in a value", "X-Name", "a\nb", ""},
      {"LF at the end", "X-Name", "a\n", ""},
      {"NUL in a value", "X-Name", "a\0b"s, ""},
      {"DEL in a value", "X-Name", "a\x7f", ""},
      {"an empty name", "", "value", ""},
      {"a colon in a name", "X:Y", "value", ""},
      {"a space in a name", "X Y", "value", ""},
      {"CR LF in a name", "X\r\nY", "value", ""},
      {"NUL in a name", "X\0Y"s, "value", ""},
  };
  for (const auto& [name, field, value, expected] : cases) {
    SCOPED_TRACE(name);
    auto out = "before\r\n"s;
    EXPECT_EQ(append_field(out, field, value), !expected.empty());
    EXPECT_EQ(out, "before\r\n" + expected);
  }
}

TEST(append_field, writes_numbers) {
  auto out = std::string{};
  EXPECT_TRUE(append_field(out, "Content-Length", std::uint64_t{18446744073709551615u}));
  EXPECT_FALSE(append_field(out, "Content Length", std::uint64_t{1}));
  EXPECT_EQ(out, "Content-Length: 18446744073709551615\r\n");
}

// Texts with far more line ends, colons and control characters than chance would give.
std::string hostile_text(std::minstd_rand& random) {
  static const auto pieces = {"\r\n"s, "\r"s, "\n"s,    "\0"s,     ": "s,   " "s,  "\t"s,
                              "name"s, "v"s,  "\xc3"s,  "\x7f"s,   "X-A"s,  "9"s,  "\x0b"s,
                              "Host"s, "_"s,  "chunk"s, "value."s, "/a?b"s, "GET"s};
  auto text = std::string{};
  for (auto count = random() % 4; count > 0; --count)
    text += *(pieces.begin() + random() % pieces.size());
  return text;
}

TEST(http_write, yields_heads_that_read_back_as_exactly_the_accepted_fields) {
  auto random = std::minstd_rand{11};
  auto accepted_fields = 0;
  auto head = response_head{};
  for (auto round = 0; round < 5000; ++round) {
    auto out = std::string{};
    auto expected = std::vector<std::pair<std::string, std::string>>{};
    append_status_line(out, 200);
    for (auto count = 0; count < 4; ++count) {
      // The prefix keeps names off those that have a meaning of their own to the parser.
      const auto name = "X-" + hostile_text(random);
      const auto value = hostile_text(random);
      if (append_field(out, name, value))
        expected.emplace_back(name, trimmed(value));
    }
    append_head_end(out);
    const auto wrong = parse_response_head(out, head_limits{}, "GET", head);
    ASSERT_FALSE(wrong) << wrong->reason << "\n" << out;
    ASSERT_EQ(head.fields.size(), expected.size()) << out;
    for (auto i = std::size_t{0}; i < expected.size(); ++i) {
      EXPECT_EQ(head.fields[i].name, expected[i].first);
      EXPECT_EQ(head.fields[i].value, expected[i].second);
    }
    accepted_fields += static_cast<int>(expected.size());
  }
  EXPECT_GT(accepted_fields, 1000);
}

TEST(append_request_line, refuses_what_could_end_the_line) {
  struct {
    std::string_view name;
    std::string method;
    std::string target;
    std::string expected;
  } cases[] = {
      {"a plain request", "POST", "/v1/messages?a=b", "POST /v1/messages?a=b HTTP/1.1\r\n"},
      {"a space in the target", "GET", "/a b", ""},
      {"CR LF in the target", "GET", "/a HTTP/1.1\r\nX: 1", ""},
      {"NUL in the target", "GET", "/a\0"s, ""},
      {"UTF-8 in the target", "GET", "/gr\xc3\xbc\xc3\x9f", ""},
      {"an empty target", "GET", "", ""},
      {"an empty method", "", "/", ""},
      {"a space in the method", "GET /x", "/", ""},
      {"CR LF in the method", "GET\r\n", "/", ""},
  };
  for (const auto& [name, method, target, expected] : cases) {
    SCOPED_TRACE(name);
    auto out = std::string{};
    EXPECT_EQ(append_request_line(out, method, target), !expected.empty());
    EXPECT_EQ(out, expected);
  }
}

TEST(append_status_line, writes_a_phrase_for_each_status) {
  struct {
    int given;
    std::string_view expected;
  } cases[] = {
      {200, "HTTP/1.1 200 OK\r\n"},
      {404, "HTTP/1.1 404 Not Found\r\n"},
      {529, "HTTP/1.1 529 Overloaded\r\n"},
      {599, "HTTP/1.1 599 Unknown\r\n"},
      {0, "HTTP/1.1 500 Internal Server Error\r\n"},
      {1000, "HTTP/1.1 500 Internal Server Error\r\n"},
      {-5, "HTTP/1.1 500 Internal Server Error\r\n"},
  };
  for (const auto& [given, expected] : cases) {
    auto out = std::string{};
    append_status_line(out, given);
    EXPECT_EQ(out, expected);
  }
}

} // namespace
} // namespace axonhub::net
