#include "llm/sse.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace axonhub::llm {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using testing::ElementsAre;
using events = std::vector<std::string>;

/// The events of a stream that arrives in chunks of `step` bytes, and what is left over.
events split(std::string_view stream, std::size_t step, std::string* rest = nullptr) {
  auto splitter = event_splitter{};
  auto pending = std::string{};
  auto found = events{};
  for (auto at = std::size_t{0}; at < stream.size(); at += step) {
    pending += stream.substr(at, step);
    pending.erase(0, splitter.feed(pending, [&](std::string_view e) { found.emplace_back(e); }));
  }
  if (rest)
    *rest = pending;
  return found;
}

TEST(event_splitter, ends_an_event_at_a_blank_line) {
  const struct {
    std::string_view name, stream;
    events expected;
    std::string rest;
  } cases[] = {
      {"nothing", "", {}, ""},
      {"LF", "data: a\n\ndata: b\n\n", {"data: a\n\n", "data: b\n\n"}, ""},
      {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", {"data: a\r\n\r\n", "data: b\r\n\r\n"}, ""},
      {"CR", "data: a\r\rdata: b\r\r", {"data: a\r\r", "data: b\r\r"}, ""},
      {"mixed", "data: a\r\n\ndata: b\n\r\n", {"data: a\r\n\n", "data: b\n\r\n"}, ""},
      {"LF then CR", "data: a\n\rdata: b", {"data: a\n\r"}, "data: b"},
      {"several lines", "event: x\ndata: a\n\n", {"event: x\ndata: a\n\n"}, ""},
      {"a comment", ": hi\n\ndata: a\n\n", {": hi\n\n", "data: a\n\n"}, ""},
      {"blank lines between", "\n\ndata: a\n\n\n", {"\n", "\n", "data: a\n\n", "\n"}, ""},
      {"a BOM",
       "\xEF\xBB\xBF"
       "data: a\n\n",
       {"\xEF\xBB\xBF"
        "data: a\n\n"},
       ""},
      {"an open line", "data: a\n\ndata: b", {"data: a\n\n"}, "data: b"},
      {"an open event", "data: a\n\ndata: b\n", {"data: a\n\n"}, "data: b\n"},
      {"a blank that is a space", "data: a\n \n\n", {"data: a\n \n\n"}, ""},
  };
  for (const auto& [name, stream, expected, left] : cases) {
    SCOPED_TRACE(name);
    auto rest = std::string{};
    EXPECT_EQ(split(stream, stream.size() + 1, &rest), expected);
    EXPECT_EQ(rest, left);
  }
}

TEST(event_splitter, finds_the_same_events_however_lf_and_cr_streams_are_cut) {
  for (const auto& line_end : {"\n"s, "\r"s}) {
    const auto stream = ": c" + line_end + line_end + "event: x" + line_end + "data: a" + line_end +
                        line_end + line_end + "data: b" + line_end + "data: c" + line_end +
                        line_end + "data: open";
    for (auto step = std::size_t{1}; step < stream.size(); ++step)
      EXPECT_EQ(split(stream, step), split(stream, stream.size())) << step;
  }
}

TEST(event_splitter, reports_the_lf_of_a_cut_blank_line_as_an_event_of_its_own) {
  EXPECT_THAT(split("data: a\r\ndata: b\r\n\r\n", 1),
              ElementsAre("data: a\r\ndata: b\r\n\r", "\n"));
  EXPECT_THAT(split("data: a\r\n\r\ndata: b\r\n\r\n", 1),
              ElementsAre("data: a\r\n\r", "\n", "data: b\r\n\r", "\n"));
}

/// Without the blank line's end, and without those that are nothing else.
events with_text(const events& all) {
  auto found = events{};
  for (const auto& e : all)
    if (const auto end = e.find_last_not_of("\r\n"); end != std::string::npos)
      found.push_back(e.substr(0, end + 1));
  return found;
}

TEST(event_splitter, finds_the_same_texts_wherever_any_mixture_of_line_ends_is_cut) {
  constexpr auto letters = "x\r\n"sv;
  constexpr auto length = 8;
  auto stream = std::string(length, '\0');
  for (auto number = 0; number < 6561; ++number) { // 3^8
    for (auto i = 0, n = number; i < length; ++i, n /= 3)
      stream[static_cast<std::size_t>(i)] = letters[static_cast<std::size_t>(n % 3)];
    const auto whole = with_text(split(stream, stream.size()));
    for (auto step = std::size_t{1}; step < stream.size(); ++step)
      ASSERT_EQ(with_text(split(stream, step)), whole)
          << testing::PrintToString(stream) << " in steps of " << step;
  }
}

TEST(event_splitter, loses_and_adds_no_byte) {
  const auto stream = "\xEF\xBB\xBF:\r\n\r\n\n\r\r\ndata: a\r\ndata:\r\r\n\ndata\n\r\n\rx: y\r\n"s;
  for (auto step = std::size_t{1}; step <= stream.size(); ++step) {
    auto all = std::string{};
    auto rest = std::string{};
    for (const auto& e : split(stream, step, &rest))
      all += e;
    EXPECT_EQ(all + rest, stream) << step;
  }
}

TEST(event_splitter, looks_at_each_byte_of_a_long_line_once) {
  auto line = "data: " + std::string(4 * 1024 * 1024, 'x');
  auto splitter = event_splitter{};
  const auto never = [](std::string_view) { FAIL(); };
  for (auto size = std::size_t{1}; size <= line.size(); ++size)
    ASSERT_EQ(splitter.feed(std::string_view{line}.substr(0, size), never), 0u);
  line += "\n\n";
  auto found = std::size_t{0};
  EXPECT_EQ(splitter.feed(line, [&](std::string_view e) { found = e.size(); }), line.size());
  EXPECT_EQ(found, line.size());
}

TEST(read_event, reads_the_fields_in_any_spelling) {
  const struct {
    std::string_view name, event, type, data;
    bool has_data = true;
  } cases[] = {
      {"usual", "event: x\ndata: a\n\n", "x", "a"},
      {"no space", "event:x\ndata:a\n\n", "x", "a"},
      {"one space only goes", "event: x\ndata:  a \n\n", "x", " a "},
      {"data first", "data: a\nevent: x\n\n", "x", "a"},
      {"CRLF", "event: x\r\ndata: a\r\n\r\n", "x", "a"},
      {"CR", "event: x\rdata: a\r\r", "x", "a"},
      {"several data lines", "data: {\r\ndata:  1\rdata: }\n\n", "", "{\n 1\n}"},
      {"an empty data line", "data\ndata: a\ndata:\n\n", "", "\na\n"},
      {"empty data", "data:\n\n", "", ""},
      {"a comment", ": data: a\n\n", "", "", false},
      {"a blank line", "\n", "", "", false},
      {"unknown fields", "id: 1\nretry: 5\ndatax: b\ndata: a\n\n", "", "a"},
      {"a BOM",
       "\xEF\xBB\xBF"
       "event: x\ndata: a\n\n",
       "x", "a"},
      {"a colon in the value", "event: x:y\ndata: {\"a\":1}\n\n", "x:y", "{\"a\":1}"},
      {"the first event line counts", "event: x\nevent: y\ndata: a\n\n", "x", "a"},
      {"also when it is empty", "event:\nevent: y\ndata: a\n\n", "", "a"},
  };
  for (const auto& [name, event, type, data, has_data] : cases) {
    SCOPED_TRACE(name);
    auto joined = std::string{};
    const auto fields = read_event(event, joined);
    EXPECT_EQ(fields.event, type);
    EXPECT_EQ(fields.data, data);
    EXPECT_EQ(fields.has_data, has_data);
    EXPECT_EQ(event_name(event), type);
  }
}

TEST(to_event_offset, finds_each_byte_of_joined_data_where_it_stands) {
  const auto event = "event: x\r\ndata: ab\r\ndata:cd\r\n: c\r\ndata:  e\r\n\r\n"s;
  auto joined = std::string{};
  const auto data = read_event(event, joined).data;
  ASSERT_EQ(data, "ab\ncd\n e");
  for (auto i = std::size_t{0}; i < data.size(); ++i)
    EXPECT_EQ(event[to_event_offset(event, i)], data[i] == '\n' ? '\r' : data[i]) << i;
}

} // namespace
} // namespace axonhub::llm
