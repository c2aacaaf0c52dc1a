#include "llm/anthropic_stream.hpp"

#include "llm/sse.hpp"
#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>

#include <random>
#include <vector>

namespace axonhub::llm {
namespace {

using enum event_kind;
using kinds = std::vector<event_kind>;

/// All that is learnt from one stream.
struct reading {
  kinds seen; // without `other`: how many of these come depends on the cuts
  usage tokens;
  upstream_error error;
  std::string id, model, stop_reason, model_text;

  friend bool operator==(const reading&, const reading&) = default;
};

/// Feeds a stream in pieces whose sizes `next_size` gives.
template <class NextSize>
reading read(std::string_view stream, NextSize next_size) {
  auto splitter = event_splitter{};
  auto meter = anthropic_meter{};
  auto r = reading{};
  auto pending = std::string{};
  while (!stream.empty()) {
    const auto piece = stream.substr(0, next_size());
    stream.remove_prefix(piece.size());
    pending += piece;
    pending.erase(0, splitter.feed(pending, [&](std::string_view event) {
      const auto kind = meter.observe(event);
      if (kind != other)
        r.seen.push_back(kind);
      if (const auto span = meter.model_value())
        r.model_text = event.substr(span->offset, span->size);
    }));
  }
  EXPECT_EQ(pending, "");
  r.tokens = meter.seen();
  r.error = meter.error();
  r.id = meter.message_id();
  r.model = meter.model();
  r.stop_reason = meter.stop_reason();
  return r;
}

reading read_whole(std::string_view stream) {
  return read(stream, [&] { return stream.size(); });
}

event_kind observe(std::string_view event) { return anthropic_meter{}.observe(event); }

const std::string stream_names[] = {"text",     "max_tokens",   "thinking_omitted", "server_tool",
                                    "tool_use", "error_midway", "odd_framing"};

TEST(anthropic_meter, reads_every_recorded_stream) {
  const struct {
    std::string name;
    std::string_view id, stop_reason;
    std::uint64_t output, reasoning;
  } cases[] = {
      {"text", "msg_fx_text", "end_turn", 17, 0},
      {"max_tokens", "msg_fx_max", "max_tokens", 16, 0},
      {"thinking_omitted", "msg_fx_omit", "end_turn", 58, 50},
      {"server_tool", "msg_fx_srv", "end_turn", 64, 0},
      {"tool_use", "msg_fx_tool", "tool_use", 143, 0},
      {"odd_framing", "msg_fx_odd", "end_turn", 2, 0},
  };
  for (const auto& [name, id, stop_reason, output, reasoning] : cases) {
    SCOPED_TRACE(name);
    const auto r = read_whole(fixture("anthropic/" + name + "_stream.sse"));
    EXPECT_EQ(r.seen.front(), start);
    EXPECT_EQ(r.seen[r.seen.size() - 2], closing);
    EXPECT_EQ(r.seen.back(), terminal);
    EXPECT_EQ(r.model, "claude-sonnet-5-5");
    EXPECT_EQ(r.model_text, "\"claude-sonnet-5-5\"");
    EXPECT_EQ(r.id, id);
    EXPECT_EQ(r.stop_reason, stop_reason);
    EXPECT_TRUE(r.tokens.seen);
    EXPECT_EQ(r.tokens.input, 21u);
    EXPECT_EQ(r.tokens.cache_read, 4096u);
    EXPECT_EQ(r.tokens.output, output);
    EXPECT_EQ(r.tokens.reasoning, reasoning);
  }
}

TEST(anthropic_meter, tells_an_error_in_the_middle) {
  const auto r = read_whole(fixture("anthropic/error_midway_stream.sse"));
  EXPECT_EQ(r.seen, (kinds{start, content, content, event_kind::error}));
  EXPECT_EQ(r.error, (upstream_error{"overloaded_error", "Overloaded", ""}));
  EXPECT_EQ(r.stop_reason, "");
}

TEST(anthropic_meter, learns_the_same_wherever_the_stream_is_cut) {
  auto random = std::mt19937{7};
  for (const auto& name : stream_names) {
    SCOPED_TRACE(name);
    const auto stream = fixture("anthropic/" + name + "_stream.sse");
    const auto whole = read_whole(stream);
    EXPECT_EQ(read(stream, [] { return 1; }), whole);
    for (auto round = 0; round < 50; ++round) {
      auto size = std::uniform_int_distribution<std::size_t>{1, 97};
      EXPECT_EQ(read(stream, [&] { return size(random); }), whole);
    }
  }
}

TEST(anthropic_meter, knows_an_event_by_its_event_line) {
  const struct {
    std::string_view event;
    event_kind expected;
  } cases[] = {
      {"event: ping\ndata: {\"type\":\"ping\"}\n\n", ping},
      {"event: content_block_start\ndata: {}\n\n", content},
      {"event: content_block_delta\ndata: not even JSON\n\n", content},
      {"event: content_block_stop\ndata: {}\n\n", content},
      {"event: content_block_future\ndata: {}\n\n", other},
      {"event: message_start\ndata: {}\n\n", start},
      {"event: message_delta\ndata: {}\n\n", closing},
      {"event: message_stop\ndata: {}\n\n", terminal},
      {"event: error\ndata: {}\n\n", event_kind::error},
      {"event: ping\ndata: {\"type\":\"error\"}\n\n", ping},
      {"event: future_event\ndata: {\"type\":\"error\"}\n\n", other},
      {"data: {\"type\":\"message_stop\"}\n\n", terminal},
      {"data: {\"index\":0,\"type\":\"content_block_delta\"}\n\n", content},
      {"data: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}\n\n", event_kind::error},
      {"data: [DONE]\n\n", other},
      {"data: {\"type\":7}\n\n", other},
      {"data: {\"type\":\"message_stop\"\n\n", other},
      {"data: <html>\n\n", other},
      {": comment\n\n", other},
      {"\n", other},
      {"", other},
  };
  for (const auto& [event, expected] : cases)
    EXPECT_EQ(observe(event), expected) << event;
}

TEST(anthropic_meter, calls_an_event_malformed_when_it_needs_data_that_is_no_object) {
  for (const auto* const name : {"message_start", "message_delta", "message_stop", "error"})
    for (const auto* const data :
         {"", "data:\n", "data: nonsense\n", "data: []\n", "data: {\"type\":\n",
          "data: {\"a\":1}{\n", "data: {\"error\":{\"type\":\"x\"}\n"})
      EXPECT_EQ(observe("event: " + std::string{name} + "\n" + data + "\n"), malformed)
          << name << ' ' << data;
}

TEST(anthropic_meter, learns_nothing_from_a_malformed_event) {
  auto meter = anthropic_meter{};
  EXPECT_EQ(meter.observe("event: message_start\ndata: {\"message\":{\"id\":\"x\",\"model\":\"m\","
                          "\"usage\":{\"input_tokens\":5}}\n\n"),
            malformed);
  EXPECT_FALSE(meter.model_value());
  EXPECT_EQ(meter.message_id(), "");
  EXPECT_EQ(meter.seen(), usage{});
}

TEST(anthropic_meter, replaces_usage_and_never_adds) {
  auto meter = anthropic_meter{};
  const auto tell = [&meter](const std::string& numbers) {
    return meter.observe("event: message_delta\ndata: {\"usage\":" + numbers + "}\n\n");
  };
  EXPECT_FALSE(meter.seen().seen);
  EXPECT_EQ(tell("null"), closing);
  EXPECT_FALSE(meter.seen().seen);
  meter.observe(
      "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":10,"
      "\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":40,\"cache_creation\":"
      "{\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},"
      "\"output_tokens\":1}}}\n\n");
  auto expected = usage{10, 40, 30, 10, 20, 1, 0, true};
  EXPECT_EQ(meter.seen(), expected);
  EXPECT_EQ(meter.seen().prompt(), 80u);

  tell(R"({"output_tokens":5,"input_tokens":null,"cache_creation":null,)"
       R"("cache_creation_input_tokens":null,"output_tokens_details":null})");
  expected.output = 5;
  EXPECT_EQ(meter.seen(), expected);

  tell(R"({"output_tokens":9,"output_tokens_details":{"thinking_tokens":4},"input_tokens":12})");
  expected.output = 9;
  expected.reasoning = 4;
  expected.input = 12;
  EXPECT_EQ(meter.seen(), expected);

  tell(R"({"output_tokens":"many","input_tokens":-3,"cache_read_input_tokens":1.5})");
  EXPECT_EQ(meter.seen(), expected);
}

TEST(anthropic_meter, sums_the_cache_write_from_its_parts_where_no_total_is_told) {
  auto meter = anthropic_meter{};
  meter.observe(
      "event: message_start\ndata: {\"message\":{\"usage\":{\"input_tokens\":1,\"cache_creation\":"
      "{\"ephemeral_5m_input_tokens\":3,\"ephemeral_1h_input_tokens\":4}}}}\n\n");
  EXPECT_EQ(meter.seen().cache_write, 7u);
}

TEST(anthropic_meter, finds_the_model_in_data_of_several_lines) {
  auto meter = anthropic_meter{};
  const std::string_view event =
      "event: message_start\r\ndata: {\"message\": {\"id\":\"m1\",\r\ndata:   \"model\":  \"x y\" "
      ",\r\ndata: \"usage\":{}}}\r\n\r\n";
  EXPECT_EQ(meter.observe(event), start);
  ASSERT_TRUE(meter.model_value());
  EXPECT_EQ(event.substr(meter.model_value()->offset, meter.model_value()->size), "\"x y\"");
  meter.observe("event: ping\ndata: {}\n\n");
  EXPECT_FALSE(meter.model_value());
  EXPECT_EQ(meter.model(), "x y");
}

TEST(anthropic_meter, has_no_model_to_replace_where_none_is_told) {
  auto meter = anthropic_meter{};
  EXPECT_EQ(meter.observe("event: message_start\ndata: {\"message\":{\"model\":null}}\n\n"), start);
  EXPECT_FALSE(meter.model_value());
}

} // namespace
} // namespace axonhub::llm
