#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

namespace axonhub::llm {
namespace {

TEST(stream_converter, translates_every_reason_to_stop) {
  const struct {
    std::string claude_reason, chat_reason, responses_status, responses_reason;
  } cases[] = {
      {"end_turn", "stop", "completed", ""},
      {"stop_sequence", "stop", "completed", ""},
      {"max_tokens", "length", "incomplete", "max_output_tokens"},
      {"model_context_window_exceeded", "length", "incomplete", "max_output_tokens"},
      {"refusal", "content_filter", "incomplete", "content_filter"},
      {"pause_turn", "stop", "completed", ""},
      {"tool_use", "tool_calls", "completed", ""},
      {"a_future_one", "stop", "completed", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.claude_reason);
    const auto stream =
        event("message_start", R"("message":{"id":"m","usage":{"input_tokens":1}})") +
        event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})") +
        event("content_block_delta", R"("index":0,"delta":{"type":"text_delta","text":"t"})") +
        event("content_block_stop", R"("index":0)") +
        event("message_delta", R"("delta":{"stop_reason":")" + c.claude_reason +
                                   R"("},"usage":{"output_tokens":1})") +
        event("message_stop");
    EXPECT_EQ(meaning_of(claude, chat, stream).stop, c.chat_reason);
    const auto result = convert_stream(memory_of(responses, claude), stream);
    const auto response = parse_stream(result.stream).back().data["response"];
    EXPECT_EQ(response["status"], c.responses_status);
    const auto& details = response["incomplete_details"];
    EXPECT_EQ(details.is_null() ? "" : details["reason"].get<std::string>(), c.responses_reason);
  }
}

TEST(stream_converter, tells_claudes_clients_of_a_content_filter_as_a_refusal) {
  const auto stream = chunk(R"({"content":"t"})") + chunk("{}", R"("content_filter")") + done;
  const auto result = convert_stream(memory_of(claude, chat), stream);
  const auto events = parse_stream(result.stream);
  const auto& delta = events[events.size() - 2].data["delta"];
  EXPECT_EQ(delta["stop_reason"], "refusal");
  EXPECT_EQ(delta["stop_details"]["type"], "refusal");
}

TEST(stream_converter, knows_the_reasons_to_stop_of_every_chat_server) {
  const struct {
    std::string reason, told;
  } cases[] = {
      {"sensitive", "refusal"},
      {"model_length", "max_tokens"},
      {"max_tokens", "max_tokens"},
      {"MAX_TOKENS", "max_tokens"},
      {"LENGTH", "max_tokens"},
      {"model_context_window_exceeded", "model_context_window_exceeded"},
      {"STOP", "end_turn"},
      {"a_future_one", "end_turn"},
  };
  for (const auto& [reason, told] : cases) {
    SCOPED_TRACE(reason);
    const auto stream = chunk(R"({"content":"t"})") + chunk("{}", '"' + reason + '"') + done;
    const auto events = parse_stream(convert_stream(memory_of(claude, chat), stream).stream);
    EXPECT_EQ(events[events.size() - 2].data["delta"]["stop_reason"], told);
  }
}

TEST(stream_converter, prefers_complete_tools_to_an_incomplete_response) {
  const auto stream =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})") +
      chunk("{}", R"("length")") + done;
  const auto result = convert_stream(memory_of(responses, chat), stream);
  EXPECT_EQ(parse_stream(result.stream).back().name, "response.completed");
  const auto cut =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]})") +
      chunk("{}", R"("length")") + done;
  EXPECT_EQ(parse_stream(convert_stream(memory_of(responses, chat), cut).stream).back().name,
            "response.incomplete");
}

TEST(stream_converter, takes_a_finish_that_is_a_breakdown_for_an_error) {
  for (const auto* const reason :
       {R"("error")", R"("insufficient_system_resource")", R"("network_error")"}) {
    const auto result =
        convert_stream(memory_of(claude, chat), chunk(R"({"content":"t"})") + chunk("{}", reason));
    EXPECT_EQ(result.kinds.back(), event_kind::error);
    EXPECT_EQ(parse_stream(result.stream).back().name, "error");
  }
}

TEST(stream_converter, gives_codex_the_errors_it_knows) {
  const struct {
    std::string type, message, code, told;
  } cases[] = {
      {"overloaded_error", "Overloaded", "server_error", "Overloaded"},
      {"rate_limit_error", "Slow down.", "rate_limit_exceeded",
       "Slow down. Please try again in 5s."},
      {"rate_limit_error", "Please try again in 1.2s.", "rate_limit_exceeded",
       "Please try again in 1.2s."},
      {"invalid_request_error", "prompt is too long: 5 tokens > 4 maximum",
       "context_length_exceeded", "prompt is too long: 5 tokens > 4 maximum"},
  };
  for (const auto& c : cases) {
    const auto result = convert_stream(
        memory_of(responses, claude),
        event("error", R"("error":{"type":")" + c.type + R"(","message":")" + c.message + "\"}"));
    EXPECT_EQ(result.kinds, std::vector{event_kind::error});
    EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
    const auto error = parse_stream(result.stream).back().data["response"]["error"];
    EXPECT_EQ(error["code"], c.code);
    EXPECT_EQ(error["message"], c.told);
  }
}

TEST(stream_converter, tells_codex_when_to_come_back) {
  auto converter = stream_converter{memory_of(responses, claude)};
  auto out = std::string{};
  converter.fail(client_error::rate_limited, "Slow.", out, milliseconds{17'000});
  EXPECT_EQ(parse_stream(out).back().data["response"]["error"]["message"],
            "Slow. Please try again in 17s.");
}

TEST(stream_converter, leaves_out_usage_that_a_chat_client_did_not_ask_for) {
  auto memory = memory_of(chat, claude);
  memory.include_usage = false;
  const auto result = convert_stream(memory, sample_stream("anthropic-stream-text"));
  EXPECT_THAT(check_stream(chat, result.stream), IsEmpty());
  EXPECT_EQ(result.stream.find("usage"), std::string::npos);
  EXPECT_EQ(result.tokens.output, 17u);
}

TEST(stream_converter, reports_what_the_upstream_called_itself) {
  auto converter = stream_converter{memory_of(claude, chat)};
  auto out = std::string{};
  event_splitter{}.feed(sample_stream("openai-stream-text"),
                        [&](std::string_view e) { converter.convert(e, out); });
  EXPECT_EQ(converter.message_id(), "chatcmpl-fx");
  EXPECT_EQ(converter.model(), "gpt-x");
  EXPECT_EQ(converter.stop_reason(), "stop");
}

TEST(stream_converter, reads_what_groq_tells_in_a_field_of_its_own) {
  const auto head =
      chunk(R"({"content":"t"})", "null",
            R"(,"x_groq":{"id":"req","usage":{"prompt_tokens":5,"completion_tokens":7}})");
  const auto good = convert_stream(memory_of(claude, chat), head + chunk("{}", R"("stop")") + done);
  EXPECT_EQ(good.kinds.back(), event_kind::terminal);
  EXPECT_EQ(good.tokens.output, 7u);
  const auto failed = convert_stream(
      memory_of(claude, chat),
      head + chunk("{}", "null", R"(,"x_groq":{"id":"req","error":"over capacity"})") + done);
  EXPECT_EQ(failed.kinds.back(), event_kind::error);
  EXPECT_EQ(failed.error.message, "over capacity");
}

TEST(stream_converter, takes_an_incomplete_response_for_one_that_was_cut) {
  const auto text = event("response.created", R"("response":{"id":"r","status":"in_progress"})") +
                    event("response.output_text.delta", R"("output_index":0,"delta":"t")");
  const struct {
    std::string response, stop;
  } cases[] = {
      {R"({"id":"r"})", "length"},
      {R"({"id":"r","status":"incomplete"})", "length"},
      {R"({"id":"r","status":"in_progress","incomplete_details":null})", "length"},
      {R"({"id":"r","incomplete_details":{"reason":"max_output_tokens"}})", "length"},
      {R"({"id":"r","incomplete_details":{"reason":"max_messages"}})", "length"},
      {R"({"id":"r","incomplete_details":{"reason":"content_filter"}})", "content_filter"},
  };
  for (const auto& [response, stop] : cases)
    EXPECT_EQ(meaning_of(responses, claude,
                         text + event("response.incomplete", "\"response\":" + response))
                  .stop,
              stop)
        << response;
}

TEST(stream_converter, takes_an_event_that_is_called_error_for_one) {
  for (const auto* const data : {R"({"code":"429","message":"Slow down"})",
                                 R"({"type":"error","code":429,"message":"Slow down"})",
                                 R"({"error":{"code":429,"message":"Slow down"}})",
                                 R"({"code":429,"detail":"Slow down"})"}) {
    const auto result =
        convert_stream(memory_of(claude, chat),
                       chunk(R"({"content":"t"})") + "event: error\ndata: " + data + "\n\n" + done);
    EXPECT_EQ(result.kinds.back(), event_kind::error);
    EXPECT_EQ(result.error.status, 429) << data;
    EXPECT_EQ(result.error.message, "Slow down") << data;
  }
}

TEST(stream_converter, passes_over_keep_alives_of_any_name_and_data) {
  const auto keep_alives = std::vector<std::string>{
      "event: keepalive\ndata:\n\n", "event: heartbeat\ndata: ok\n\n", "event: keepalive\n\n",
      "event: x\ndata: {\"type\":\"error\",\"message\":\"m\"}\n\n", "event: x\ndata: [1]\n\n"};
  for (const auto from : {claude, responses}) {
    const auto stream =
        sample_stream(from == claude ? "anthropic-stream-text" : "responses-stream-text");
    const auto plain = convert_stream(memory_of(chat, from), stream);
    auto disturbed = std::string{};
    auto next = std::size_t{0};
    event_splitter{}.feed(stream, [&](std::string_view e) {
      disturbed += keep_alives[next++ % keep_alives.size()];
      disturbed += e;
    });
    const auto result = convert_stream(memory_of(chat, from), disturbed);
    EXPECT_EQ(result.problem, "");
    EXPECT_EQ(result.stream, plain.stream);
  }
  const auto default_name =
      "event: message\ndata: {\"type\":\"response.output_text.delta\",\"output_index\":0,"
      "\"delta\":\"t\"}\n\n";
  EXPECT_EQ(meaning_of(responses, claude,
                       default_name + event("response.completed", R"("response":{"id":"r"})"))
                .text,
            "t");
}

TEST(stream_converter, takes_an_error_that_says_nothing_for_none) {
  for (const auto* const error : {R"("")", "false", "{}", "{ }", "[]", "0", "null"}) {
    const auto more = std::string{",\"error\":"} + error;
    EXPECT_EQ(meaning_of(
                  chat, claude,
                  chunk(R"({"content":"t"})", "null", more) + chunk("{}", R"("stop")", more) + done)
                  .stop,
              "stop")
        << error;
  }
}

TEST(stream_converter, keeps_the_numbers_that_a_later_usage_leaves_out) {
  const auto stream =
      chunk(R"({"content":"t"})", "null",
            R"(,"usage":{"prompt_tokens":1000,"cached_tokens":900,"completion_tokens":1})") +
      chunk("{}", R"("stop")", R"(,"usage":{"prompt_tokens":null,"completion_tokens":50})") + done;
  const auto expected = usage{100, 900, 0, 0, 0, 50, 0, true};
  EXPECT_EQ(convert_stream(memory_of(claude, chat), stream).tokens, expected);
  EXPECT_EQ(meaning_of(chat, responses, stream).prompt, 1000u);
}

} // namespace
} // namespace axonhub::llm
