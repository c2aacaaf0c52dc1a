#include "net/chunked.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

namespace axonhub::net {
namespace {

using namespace std::string_literals;

std::string repeated(std::string_view text, std::size_t times) {
  auto all = std::string{};
  for (auto i = std::size_t{0}; i < times; ++i)
    all += text;
  return all;
}

enum class end : std::uint8_t { complete, refused, cut };

end end_of(const chunk_decoder& decoder) {
  if (!decoder.error().empty())
    return end::refused;
  return decoder.done() ? end::complete : end::cut;
}

struct {
  std::string_view name;
  std::string given;
  end expected;
  std::string data; // of a complete body
} const chunk_cases[] = {
    {"one chunk", "5\r\nhello\r\n0\r\n\r\n", end::complete, "hello"},
    {"two chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", end::complete, "hello world"},
    {"no data", "0\r\n\r\n", end::complete, ""},
    {"digits of both cases", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", end::complete,
     "01234567890123456789a"},
    {"leading zeros", "0005\r\nhello\r\n000\r\n\r\n", end::complete, "hello"},
    {"16 digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", end::complete, "hello"},
    {"line ends inside the data", "6\r\n\r\n0\r\n\r\r\n0\r\n\r\n", end::complete, "\r\n0\r\n\r"},
    // Sizes
    {"size 0x5", "0x5\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size +5", "+5\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size -5", "-5\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size with a space behind", "5 \r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size with a space before", " 5\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size with TAB", "5\t\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size with underscore", "1_0\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size with g", "g\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size 5h", "5h\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"size FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF\r\nhello", end::refused, ""},
    {"size of 2^63", "8000000000000000\r\nhello", end::refused, ""},
    {"the largest size", "7fffffffffffffff\r\nhello", end::cut, ""},
    {"17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"17 digits that overflow", "10000000000000005\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an empty size", "\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"LF only after the size", "5\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"CR only after the size", "5\rhello\r\n0\r\n\r\n", end::refused, ""},
    {"a comma for the size's end", "5,5\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"NUL behind the size", "5\0\r\nhello\r\n0\r\n\r\n"s, end::refused, ""},
    // Data
    {"longer than said", "5\r\nhello!\r\n0\r\n\r\n", end::refused, ""},
    {"shorter than said", "5\r\nhell\r\n0\r\n\r\n", end::refused, ""},
    {"shorter by a line's end", "7\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"LF only after the data", "5\r\nhello\n0\r\n\r\n", end::refused, ""},
    {"CR only after the data", "5\r\nhello\r0\r\n\r\n", end::refused, ""},
    {"nothing after the data", "5\r\nhello0\r\n\r\n", end::refused, ""},
    // Extensions
    {"an extension", "5;name\r\nhello\r\n0;last\r\n\r\n", end::complete, "hello"},
    {"an extension with a value", "5;a=b;c;d=e\r\nhello\r\n0\r\n\r\n", end::complete, "hello"},
    {"an extension with LF", "5;a\nb\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension that ends in LF", "5;a\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension with CR", "5;a\rb\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension with a quote", "5;a=\"b\"\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"a quote around a line's end", "5;a=\"\r\nhello\r\n0\r\n\r\n\"", end::refused, ""},
    {"an extension with NUL", "5;a\0\r\nhello\r\n0\r\n\r\n"s, end::refused, ""},
    {"an extension without name", "5;\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension without value", "5;a=\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension with two values", "5;a=b=c\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension with blanks", "5; a\r\nhello\r\n0\r\n\r\n", end::refused, ""},
    {"an extension of 4 KiB", "1;" + std::string(4095, 'a') + "\r\nx\r\n0\r\n\r\n", end::complete,
     "x"},
    {"an extension above 4 KiB", "1;" + std::string(4097, 'a') + "\r\nx\r\n0\r\n\r\n", end::refused,
     ""},
    {"1 MiB of extensions over many chunks",
     repeated("1;" + std::string(255, 'a') + "\r\nx\r\n", 4096) + "0\r\n\r\n", end::refused, ""},
    // The end
    {"no last chunk", "5\r\nhello\r\n", end::cut, ""},
    {"no final CRLF", "5\r\nhello\r\n0\r\n", end::cut, ""},
    {"half a final CRLF", "5\r\nhello\r\n0\r\n\r", end::cut, ""},
    {"LF for the final CRLF", "0\r\n\n", end::refused, ""},
    {"CR CR for the final CRLF", "0\r\n\r\r", end::refused, ""},
    // Trailers
    {"trailers that would frame and authenticate",
     "1\r\nx\r\n0\r\nContent-Length: 5\r\nHost: a\r\nAuthorization: b\r\n\r\n", end::complete, "x"},
    {"a trailer without colon", "0\r\nX-Name\r\n\r\n", end::refused, ""},
    {"a trailer without name", "0\r\n: x\r\n\r\n", end::refused, ""},
    {"a trailer with a space before the colon", "0\r\nX : x\r\n\r\n", end::refused, ""},
    {"a folded trailer", "0\r\nX: x\r\n y\r\n\r\n", end::refused, ""},
    {"a trailer with LF", "0\r\nX: x\nY: y\r\n\r\n", end::refused, ""},
    {"a trailer with NUL", "0\r\nX: \0\r\n\r\n"s, end::refused, ""},
    {"a trailer with a bare CR", "0\r\nX: x\ry\r\n\r\n", end::refused, ""},
    {"a request for a trailer", "0\r\nGET / HTTP/1.1\r\n\r\n", end::refused, ""},
    {"trailers above 8 KiB", "0\r\nX: " + std::string(8192, 'a') + "\r\n\r\n", end::refused, ""},
    {"many trailers above 8 KiB", "0\r\n" + repeated("X-Name: value\r\n", 1000) + "\r\n",
     end::refused, ""},
};

TEST(chunk_decoder, decides_every_entry_of_the_chunk_list) {
  for (const auto& [name, given, expected, data] : chunk_cases) {
    SCOPED_TRACE(name);
    auto decoder = chunk_decoder{};
    auto out = std::string{};
    const auto used = decoder.append_to(out, given);
    EXPECT_EQ(end_of(decoder), expected) << decoder.error();
    if (expected == end::complete) {
      EXPECT_EQ(out, data);
      EXPECT_EQ(used, given.size());
    }
  }
}

TEST(chunk_decoder, gives_the_same_wherever_the_bytes_are_split) {
  for (const auto& [name, given, expected, data] : chunk_cases) {
    SCOPED_TRACE(name);
    auto whole = chunk_decoder{};
    auto expected_data = std::string{};
    const auto expected_used = whole.append_to(expected_data, given);
    for (const auto step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
      auto decoder = chunk_decoder{};
      auto out = std::string{};
      auto used = std::size_t{0};
      for (auto at = std::size_t{0}; at < given.size(); at += step) {
        // A copy of its own, so that a sanitizer sees a read behind the end.
        const auto part = given.substr(at, step);
        used += decoder.append_to(out, part);
      }
      EXPECT_EQ(end_of(decoder), expected);
      EXPECT_EQ(decoder.error(), whole.error());
      EXPECT_EQ(out, expected_data);
      EXPECT_EQ(used, expected_used);
    }
  }
}

TEST(chunk_decoder, leaves_what_follows_the_body) {
  auto decoder = chunk_decoder{};
  auto out = std::string{};
  const auto body = "5\r\nhello\r\n0\r\n\r\n"s;
  EXPECT_EQ(decoder.append_to(out, body + "GET / HTTP/1.1\r\n"), body.size());
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(decoder.append_to(out, "GET"), 0u);
  EXPECT_EQ(out, "hello");
}

TEST(chunk_decoder, stays_refused) {
  auto decoder = chunk_decoder{};
  auto out = std::string{};
  decoder.append_to(out, "x");
  ASSERT_FALSE(decoder.error().empty());
  EXPECT_EQ(decoder.append_to(out, "5\r\nhello\r\n0\r\n\r\n"), 0u);
  EXPECT_FALSE(decoder.done());
  EXPECT_EQ(out, "");
}

TEST(chunk_decoder, points_into_its_input) {
  auto decoder = chunk_decoder{};
  const auto in = "5\r\nhello\r\n"s;
  auto pieces = std::vector<std::string_view>{};
  decoder.feed(in, [&](std::string_view piece) { pieces.push_back(piece); });
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].data(), in.data() + 3);
}

TEST(append_chunk, is_undone_by_the_decoder) {
  auto random = std::minstd_rand{7};
  for (auto round = 0; round < 200; ++round) {
    auto wire = std::string{};
    auto expected = std::string{};
    for (auto chunks = random() % 8; chunks > 0; --chunks) {
      auto data = std::string(random() % 300, '\0');
      for (auto& c : data)
        c = static_cast<char>(random());
      append_chunk(wire, data);
      expected += data;
    }
    wire += last_chunk;
    auto decoder = chunk_decoder{};
    auto out = std::string{};
    EXPECT_EQ(decoder.append_to(out, wire), wire.size());
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(out, expected);
  }
}

TEST(append_chunk_header, writes_sizes_in_hexadecimal_and_never_an_empty_chunk) {
  struct {
    std::uint64_t given;
    std::string_view expected;
  } cases[] = {
      {0, ""},
      {1, "1\r\n"},
      {10, "a\r\n"},
      {65536, "10000\r\n"},
      {std::numeric_limits<std::uint64_t>::max(), "ffffffffffffffff\r\n"},
  };
  for (const auto& [given, expected] : cases) {
    auto out = std::string{};
    append_chunk_header(out, given);
    EXPECT_EQ(out, expected);
  }
  auto out = std::string{};
  append_chunk(out, "");
  EXPECT_EQ(out, "");
}

} // namespace
} // namespace axonhub::net
