#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

namespace axonhub::llm {
namespace {

TEST(stream_converter, rejoins_characters_split_between_reads) {
  const auto stream = chunk(R"({"content":"é🌍"})") + chunk("{}", R"("stop")") + done;
  for (auto size = std::size_t{1}; size < 40; ++size) {
    const auto result = convert_stream(memory_of(claude, chat), stream, [size] { return size; });
    EXPECT_EQ(understand(claude, result.stream).text, "é🌍");
  }
}

TEST(stream_converter, takes_crlf_and_comments) {
  auto stream = std::string{};
  for (const auto c : ": keep-alive\n\n" + chunk(R"({"content":"ok"})") + ": x\n\n" +
                          chunk("{}", R"("stop")") + done)
    stream += c == '\n' ? "\r\n" : std::string{c};
  EXPECT_EQ(meaning_of(chat, claude, stream).text, "ok");
}

TEST(stream_converter, takes_arguments_in_fragments_of_one_byte) {
  const auto arguments = std::string{R"({"a":12345678901234567890123,"b":1.50,"a":"\u00e9"})"};
  auto stream = chunk(R"({"tool_calls":[{"index":0,"id":"x","function":{"name":"f"}}]})");
  for (const auto c : arguments) {
    const auto quoted_c = nlohmann::json(std::string{c}).dump();
    stream += chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":)" + quoted_c + "}}]}");
  }
  stream += chunk("{}", R"("tool_calls")") + done;
  for (const auto to : {claude, responses})
    EXPECT_EQ(meaning_of(chat, to, stream).calls, (calls{{"x", "f", arguments}}));
}

TEST(stream_converter, gives_empty_arguments_as_an_empty_object) {
  const auto stream =
      chunk(R"({"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":""}}]})") +
      chunk("{}", R"("tool_calls")") + done;
  EXPECT_EQ(meaning_of(chat, claude, stream).calls, (calls{{"x", "f", "{}"}}));
  EXPECT_EQ(meaning_of(chat, responses, stream).calls, (calls{{"x", "f", "{}"}}));
  const auto item = std::string{R"("output_index":0,"item":{"type":"function_call","id":"i",)"
                                R"("call_id":"x","name":"f","arguments":""})"};
  const auto told = event("response.output_item.added", item) +
                    event("response.output_item.done", item) +
                    event("response.completed", R"("response":{"id":"r"})");
  EXPECT_EQ(meaning_of(responses, chat, told).calls, (calls{{"x", "f", "{}"}}));
}

TEST(stream_converter, keeps_three_parallel_tools_that_take_turns) {
  auto stream = chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}},)"
                      R"({"index":1,"id":"b","function":{"name":"g"}},)"
                      R"({"index":2,"id":"c","function":{"name":"h"}}]})");
  for (const auto* const part : {"{\\\"n\\\"", ":", "1}"})
    for (const auto* const index : {"2", "0", "1"})
      stream += chunk(std::string{R"({"tool_calls":[{"index":)"} + index +
                      R"(,"function":{"arguments":")" + part + R"("}}]})");
  stream += chunk("{}", R"("tool_calls")") + done;
  const auto expected =
      calls{{"a", "f", R"({"n":1})"}, {"b", "g", R"({"n":1})"}, {"c", "h", R"({"n":1})"}};
  EXPECT_EQ(meaning_of(chat, claude, stream).calls, expected);
  EXPECT_EQ(meaning_of(chat, responses, stream).calls, expected);
}

TEST(stream_converter, keeps_items_of_responses_that_take_turns) {
  const auto added = [](const std::string& n) {
    return event("response.output_item.added",
                 R"("output_index":)" + n + R"(,"item":{"type":"function_call","id":"i)" + n +
                     R"(","call_id":"c)" + n + R"(","name":"f)" + n + R"(","arguments":""})");
  };
  const auto delta = [](const std::string& n, const std::string& text) {
    return event("response.function_call_arguments.delta",
                 R"("output_index":)" + n + R"(,"delta":")" + text + "\"");
  };
  const auto finished = [](const std::string& n) {
    return event("response.output_item.done",
                 R"("output_index":)" + n +
                     R"(,"item":{"type":"function_call","call_id":"c","name":"f",)"
                     R"("arguments":"{\"n\":1}"})");
  };
  const auto stream = added("0") + added("1") + delta("1", R"({\"n\")") + delta("0", "{}") +
                      delta("1", ":1}") + finished("1") + finished("0") + added("2") +
                      delta("2", "{}") + finished("2") +
                      event("response.completed", R"("response":{"id":"r"})");
  const auto expected = calls{{"c0", "f0", "{}"}, {"c1", "f1", R"({"n":1})"}, {"c2", "f2", "{}"}};
  EXPECT_EQ(meaning_of(responses, claude, stream).calls, expected);
  EXPECT_EQ(meaning_of(responses, chat, stream).calls, expected);
}

TEST(stream_converter, finds_the_calls_of_backends_that_count_badly) {
  const auto f = std::string{R"("function":{"name":"f","arguments":"{}"})"};
  const struct {
    std::string name, tool_calls;
    calls expected;
  } cases[] = {
      {"no index, ids",
       R"([{"id":"a",)" + f + R"(},{"id":"b",)" + f + "}]",
       {{"a", "f", "{}"}, {"b", "f", "{}"}}},
      {"index 0 for all, other ids",
       R"([{"index":0,"id":"a",)" + f + R"(},{"index":0,"id":"b",)" + f + "}]",
       {{"a", "f", "{}"}, {"b", "f", "{}"}}},
      {"neither index nor id",
       "[{" + f + "},{" + f + "}]",
       {{"call_gw_0", "f", "{}"}, {"call_gw_1", "f", "{}"}}},
      {"arguments as an object",
       R"([{"index":0,"id":"a","function":{"name":"f","arguments":{"b" : [1,{"c":"\n"}]}}}])",
       {{"a", "f", R"({"b" : [1,{"c":"\n"}]})"}}},
      {"a null id", R"([{"index":0,"id":null,)" + f + "}]", {{"call_gw_0", "f", "{}"}}},
  };
  for (const auto& [name, tool_calls, expected] : cases) {
    SCOPED_TRACE(name);
    const auto stream =
        chunk(R"({"tool_calls":)" + tool_calls + R"(,"x":[]})", R"("tool_calls")") + done;
    EXPECT_EQ(meaning_of(chat, claude, stream).calls, expected);
  }
}

TEST(stream_converter, takes_an_id_behind_the_name_and_repeated_names) {
  const auto stream =
      chunk(R"({"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]})") +
      chunk("{}", R"("tool_calls")") + done;
  EXPECT_EQ(meaning_of(chat, claude, stream).calls, (calls{{"a", "f", "{}"}}));
}

TEST(stream_converter, keeps_the_order_reasoning_text_tool) {
  const auto stream = chunk(R"({"role":"assistant","reasoning_content":"r"})") +
                      chunk(R"({"content":"t"})") +
                      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":)"
                            R"({"name":"f","arguments":"{}"}}]})") +
                      chunk("{}", R"("stop")") + done; // "stop" although a tool is called
  const auto result = convert_stream(memory_of(claude, chat), stream);
  auto kinds = std::vector<std::string>{};
  for (const auto& e : parse_stream(result.stream))
    if (e.name == "content_block_start")
      kinds.push_back(e.data["content_block"]["type"]);
  EXPECT_EQ(kinds, (std::vector<std::string>{"thinking", "text", "tool_use"}));
  EXPECT_EQ(understand(claude, result.stream).stop, "tool_calls");
}

TEST(stream_converter, refuses_arguments_that_go_on_behind_text) {
  const auto stream =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]})") +
      chunk(R"({"content":"t"})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"}"}}]})");
  const auto result = convert_stream(memory_of(claude, chat), stream);
  EXPECT_EQ(result.kinds.back(), event_kind::malformed);
  EXPECT_EQ(result.problem, "A tool's arguments go on behind its end");
}

TEST(stream_converter, starts_once_even_when_a_tool_is_in_the_first_chunk) {
  const auto result =
      convert_stream(memory_of(claude, chat), sample_stream("openai-stream-tool-in-one-chunk"));
  EXPECT_EQ(result.kinds, (std::vector{event_kind::content, event_kind::terminal}));
  EXPECT_TRUE(result.stream.starts_with("event: message_start\n"));
  EXPECT_EQ(result.stream.find("event: message_start", 5), std::string::npos);
}

TEST(stream_converter, reads_usage_in_each_of_its_places) {
  const auto numbers =
      std::string{R"(,"usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13,)"
                  R"("prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2}})"};
  const auto text = [](const std::string& more) {
    return chunk(R"({"content":"t"})", "null", more);
  };
  const auto end = [](const std::string& more) { return chunk("{}", R"("stop")", more); };
  const auto alone = "data: {\"choices\":[]" + numbers + "}\n\n";
  const auto partial = std::string{R"(,"usage":{"prompt_tokens":10,"completion_tokens":1}})"};
  for (const auto& stream :
       {text("") + end("") + alone + done, text("") + end(numbers) + done,
        text(partial.substr(0, partial.size() - 1)) + end(numbers) + done,
        text("") + end(numbers) + "data: {\"choices\":[],\"usage\":null}\n\n" + done,
        text("") + end("") + alone}) {
    const auto result = convert_stream(memory_of(claude, chat), stream);
    const auto expected = usage{4, 4, 2, 0, 0, 3, 0, true};
    EXPECT_EQ(result.tokens, expected) << stream;
    EXPECT_EQ(understand(claude, result.stream).prompt, 10u);
    EXPECT_EQ(meaning_of(chat, responses, stream).prompt, 10u);
  }
}

TEST(stream_converter, never_counts_a_negative_prompt) {
  const auto stream =
      chunk(R"({"content":"t"})", R"("stop")",
            R"(,"usage":{"prompt_tokens":5,"completion_tokens":1,"cached_tokens":9})") +
      done;
  const auto result = convert_stream(memory_of(claude, chat), stream);
  EXPECT_EQ(result.tokens.input, 0u);
  EXPECT_EQ(result.tokens.cache_read, 5u);
}

TEST(stream_converter, completes_a_chat_stream_without_its_last_line) {
  const auto stream = chunk(R"({"content":"t"})") + chunk("{}", R"("stop")");
  for (const auto to : {claude, responses}) {
    const auto result = convert_stream(memory_of(to, chat), stream);
    EXPECT_EQ(result.kinds.back(), event_kind::terminal);
    EXPECT_THAT(check_stream(to, result.stream), IsEmpty());
  }
}

TEST(stream_converter, calls_a_stream_cut_that_ends_before_its_finish) {
  const struct {
    dialect from;
    std::string stream;
  } cases[] = {
      {chat, chunk(R"({"content":"t"})")},
      {claude, event("message_start", R"("message":{"id":"m"})")},
      {responses, event("response.created", R"("response":{"id":"r"})")},
      {chat, ""},
  };
  for (const auto& [from, stream] : cases) {
    auto converter = stream_converter{memory_of(from == claude ? chat : claude, from)};
    auto out = std::string{};
    if (!stream.empty())
      converter.convert(stream, out);
    const auto before = out;
    EXPECT_EQ(converter.finish(out), event_kind::malformed);
    EXPECT_EQ(out, before);
    EXPECT_EQ(converter.problem(), "The upstream closed the stream before its end");
    EXPECT_EQ(converter.finish(out), event_kind::other);
  }
}

TEST(stream_converter, ends_the_clients_stream_with_an_error_of_ours) {
  for (const auto to : all_dialects) {
    const auto from = to == chat ? claude : chat;
    const auto stream = from == chat
                            ? chunk(R"({"content":"t"})")
                            : event("message_start", R"("message":{"id":"m"})") +
                                  event("content_block_start",
                                        R"("index":0,"content_block":{"type":"text","text":"t"})");
    auto converter = stream_converter{memory_of(to, from)};
    auto out = std::string{};
    auto splitter = event_splitter{};
    splitter.feed(stream, [&](std::string_view e) { converter.convert(e, out); });
    converter.fail(client_error::api_error, "The upstream \"left\"", out);
    EXPECT_THAT(check_stream(to, out), IsEmpty());
    const auto last = parse_stream(out).back();
    EXPECT_EQ((to == responses ? last.data["response"]["error"] : last.data["error"])["message"],
              "The upstream \"left\"");
    const auto size = out.size();
    converter.fail(client_error::api_error, "again", out);
    EXPECT_EQ(converter.convert(stream, out), event_kind::other);
    EXPECT_EQ(out.size(), size) << "nothing follows the error";
  }
}

TEST(stream_converter, fails_properly_even_before_the_start) {
  for (const auto to : all_dialects) {
    auto converter = stream_converter{memory_of(to, to == chat ? claude : chat)};
    auto out = std::string{};
    converter.fail(client_error::timeout, "Too slow", out);
    EXPECT_THAT(check_stream(to, out), IsEmpty()) << out;
  }
}

TEST(stream_converter, refuses_what_is_no_json) {
  for (const auto from : all_dialects)
    for (const auto* const data : {"nonsense", "[]", "{\"a\":", "{\"a\":1}{",
                                   "{\"choices\":[{\"delta\":{\"content\":\"\\q\"}}]}",
                                   "{\"delta\":{\"text\":\"\\u12\"}}", "{\"delta\":\"\\x\"}"}) {
      if ((from == chat) != std::string_view{data}.starts_with("{\"choices") &&
          std::string_view{data}.find('\\') != std::string_view::npos)
        continue;
      if (from == claude && std::string_view{data} == "{\"delta\":\"\\x\"}")
        continue; // nobody reads it there
      if (from == responses && std::string_view{data}.find("text") != std::string_view::npos)
        continue;
      auto converter = stream_converter{memory_of(from == claude ? chat : claude, from)};
      auto out = std::string{};
      EXPECT_EQ(converter.convert("data: " + std::string{data} + "\n\n", out),
                event_kind::malformed)
          << to_text(from) << ' ' << data;
      EXPECT_EQ(out, "");
    }
}

TEST(stream_converter, calls_an_empty_answer_of_chat_a_failure_before_anything_is_sent) {
  const auto stream =
      chunk(R"({"role":"assistant","content":""})") + chunk("{}", R"("stop")") + done;
  const auto result = convert_stream(memory_of(claude, chat), stream);
  EXPECT_EQ(result.kinds,
            (std::vector{event_kind::start, event_kind::closing, event_kind::malformed}));
  EXPECT_EQ(result.problem, "The upstream's answer is empty");
  const auto cut =
      chunk(R"({"role":"assistant","content":""})") + chunk("{}", R"("length")") + done;
  EXPECT_EQ(meaning_of(chat, claude, cut).stop, "length") << "the limit is an answer";
}

TEST(stream_converter, bounds_what_it_holds_back) {
  auto converter = stream_converter{memory_of(claude, chat)};
  auto out = std::string{};
  converter.convert(chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f"}},)"
                          R"({"index":1,"id":"b","function":{"name":"g"}}]})"),
                    out);
  const auto big = chunk(R"({"tool_calls":[{"index":1,"function":{"arguments":")" +
                         std::string(1 << 20, 'x') + R"("}}]})");
  auto kind = event_kind::content;
  auto rounds = 0;
  for (; kind == event_kind::content && rounds < 10; ++rounds)
    kind = converter.convert(big, out);
  EXPECT_EQ(kind, event_kind::malformed);
  EXPECT_EQ(rounds, 5);
}

std::string text_item(const std::string& type, const std::string& place, const std::string& text) {
  return event(
      "response.output_item." + type,
      R"("output_index":)" + place +
          R"(,"item":{"type":"message","id":"m1","content":[{"type":"output_text","text":")" +
          text + "\"}]}");
}

std::string call_item(const std::string& type, const std::string& place) {
  return event("response.output_item." + type,
               R"("output_index":)" + place +
                   R"(,"item":{"type":"function_call","id":"f1","call_id":"c","name":"f",)"
                   R"("arguments":"{}"})");
}

const auto completed = event("response.completed", R"("response":{"id":"r"})");

TEST(stream_converter, takes_items_that_share_one_place) {
  for (const auto to : {claude, chat})
    for (const auto& stream :
         {text_item("added", "0", "") + text_item("done", "0", "t") + call_item("added", "0") +
              event("response.function_call_arguments.delta", R"("output_index":0,"delta":"{}")") +
              call_item("done", "0") + completed,
          text_item("done", "0", "t") + call_item("done", "0") + completed,
          text_item("done", "0", "t") + call_item("done", "0") +
              event("response.completed",
                    R"("response":{"output":[{"type":"message","id":"m1","content":[)"
                    R"({"type":"output_text","text":"t"}]},{"type":"function_call","id":"f1",)"
                    R"("call_id":"c","name":"f","arguments":"{}"}]})"),
          text_item("done", "0", "t") + text_item("done", "0", "t") + call_item("done", "1") +
              completed}) {
      const auto meaning = meaning_of(responses, to, stream);
      EXPECT_EQ(meaning.text, "t") << stream;
      EXPECT_EQ(meaning.calls, (calls{{"c", "f", "{}"}})) << stream;
    }
}

TEST(stream_converter, takes_a_text_that_only_its_end_tells) {
  const auto told = event("response.output_text.done", R"("output_index":0,"text":"t")");
  const auto output = std::string{
      R"("response":{"output":[{"type":"message","id":"m1","content":[{"type":"output_text",)"
      R"("text":"t"}]},{"type":"function_call","id":"f1","call_id":"c","name":"f","arguments":"{}"}]})"};
  EXPECT_EQ(meaning_of(responses, claude, told + completed).text, "t");
  for (const auto& stream :
       {event("response.completed", output), told + event("response.completed", output),
        text_item("done", "0", "t") + event("response.completed", output),
        text_item("added", "0", "") + event("response.completed", output),
        text_item("added", "0", "") + told + event("response.incomplete", output)}) {
    const auto meaning = meaning_of(responses, claude, stream);
    EXPECT_EQ(meaning.text, "t") << stream;
    EXPECT_EQ(meaning.calls, (calls{{"c", "f", "{}"}})) << stream;
  }
}

TEST(stream_converter, keeps_what_a_claude_block_says_whose_start_was_lost) {
  const auto start = event("message_start", R"("message":{"id":"m"})");
  const auto end = event("content_block_stop", R"("index":0)") +
                   event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":{})") +
                   event("message_stop");
  const auto delta = [](const std::string& fields) {
    return event("content_block_delta", R"("index":0,"delta":{)" + fields + "}");
  };
  const auto text = delta(R"("type":"text_delta","text":"t")");
  EXPECT_EQ(meaning_of(claude, chat, start + text + text + end).text, "tt");
  const auto thought = delta(R"("type":"thinking_delta","thinking":"r")");
  EXPECT_EQ(meaning_of(claude, chat, start + thought + thought + end).reasoning, "rr");
  const auto result =
      convert_stream(memory_of(chat, claude),
                     start + delta(R"("type":"input_json_delta","partial_json":"{}")") + end);
  EXPECT_EQ(result.kinds.back(), event_kind::malformed);
  EXPECT_EQ(result.problem, "The upstream goes on with a tool that it has not begun");
}

TEST(stream_converter, takes_every_detail_of_a_thought) {
  const auto stream =
      chunk(
          R"({"reasoning":"ab","reasoning_details":[)"
          R"({"type":"reasoning.text","text":"a","signature":"c2ln","format":"anthropic-claude-v1"},)"
          R"({"type":"reasoning.encrypted","data":"cmVk","format":"anthropic-claude-v1"},)"
          R"({"type":"reasoning.encrypted","data":"no","format":"google-gemini-v1"},)"
          R"({"type":"reasoning.text","text":"b"}]})") +
      chunk(
          R"({"reasoning_details":[{"type":"reasoning.text","text":"","signature":"bW9yZQ=="}]})") +
      chunk(R"({"content":"t"})") + chunk("{}", R"("stop")") + done;
  const auto result = convert_stream(memory_of(claude, chat), stream);
  EXPECT_THAT(check_stream(claude, result.stream), IsEmpty());
  auto blocks = std::vector<std::string>{};
  auto signatures = std::vector<std::string>{};
  for (const auto& e : parse_stream(result.stream)) {
    if (e.name == "content_block_start")
      blocks.push_back(e.data["content_block"].value(
          "data", e.data["content_block"]["type"].get<std::string>()));
    if (e.name == "content_block_delta" && e.data["delta"].contains("signature"))
      signatures.push_back(e.data["delta"]["signature"]);
  }
  EXPECT_EQ(understand(claude, result.stream).reasoning, "ab");
  EXPECT_EQ(signatures, (std::vector<std::string>{"c2ln", "bW9yZQ=="}));
  EXPECT_THAT(blocks, testing::ElementsAre("thinking", "cmVk", "thinking", "text"));
}

TEST(stream_converter, takes_the_old_and_the_odd_forms_of_chat) {
  const auto end = chunk("{}", R"("stop")") + "data: [DONE] \n\n";
  const auto legacy = chunk(R"({"function_call":{"name":"f","arguments":"{\"a\""}})") +
                      chunk(R"({"function_call":{"arguments":":1}"}})") +
                      chunk("{}", R"("function_call")") + done;
  EXPECT_EQ(meaning_of(chat, claude, legacy).calls, (calls{{"call_gw_0", "f", R"({"a":1})"}}));
  EXPECT_EQ(meaning_of(chat, claude, legacy).stop, "tool_calls");
  const auto list =
      chunk(R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]},)"
            R"({"type":"text","text":"a"}]})") +
      chunk(R"({"content":"b"})") + end;
  EXPECT_EQ(meaning_of(chat, claude, list).text, "ab");
  EXPECT_EQ(meaning_of(chat, claude, list).reasoning, "r");
  const auto counted =
      chunk(R"({"content":"t"})") +
      R"(data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":7}}]})"
      "\n\n" +
      done;
  EXPECT_EQ(meaning_of(chat, claude, counted).output, 7u);
  const auto failed =
      convert_stream(memory_of(claude, chat),
                     chunk(R"({"content":"t"})") +
                         R"(data: {"object":"error","message":"boom","code":400})" + "\n\n");
  EXPECT_EQ(failed.kinds.back(), event_kind::error);
  EXPECT_EQ(failed.error.message, "boom");
  EXPECT_EQ(failed.error.status, 400);
}

TEST(stream_converter, keeps_the_reason_that_says_most) {
  const auto stream =
      chunk(R"({"content":"t"})") + chunk("{}", R"("length")") + chunk("{}", R"("stop")") + done;
  EXPECT_EQ(meaning_of(chat, claude, stream).stop, "length");
  const auto other =
      chunk(R"({"content":"t"})") + chunk("{}", R"("stop")") + chunk("{}", R"("length")") + done;
  EXPECT_EQ(meaning_of(chat, claude, other).stop, "length");
}

TEST(stream_converter, takes_an_incomplete_response_without_a_reason_for_cut) {
  const auto stream = text_item("done", "0", "t") +
                      event("response.incomplete", R"("response":{"incomplete_details":null})");
  EXPECT_EQ(meaning_of(responses, claude, stream).stop, "length");
  const auto cancelled = text_item("done", "0", "t") +
                         event("response.cancelled", R"("response":{"status":"cancelled"})");
  EXPECT_EQ(convert_stream(memory_of(claude, responses), cancelled).kinds.back(),
            event_kind::error);
}

TEST(stream_converter, ends_with_the_upstreams_error_in_the_middle_of_a_stream) {
  const auto start =
      event("message_start", R"("message":{"id":"m"})") +
      event("content_block_start", R"("index":0,"content_block":{"type":"text","text":"t"})");
  const struct {
    dialect from;
    std::string stream;
  } cases[] = {
      {claude, start + event("error", R"("error":{"type":"overloaded_error","message":"Busy"})")},
      {chat,
       chunk(R"({"content":"t"})") + R"(data: {"error":{"code":503,"message":"Busy"}})" + "\n\n"},
      {responses, event("response.output_text.delta", R"("output_index":0,"delta":"t")") +
                      event("response.failed",
                            R"("response":{"error":{"code":"server_error","message":"Busy"}})")},
  };
  for (const auto& [from, stream] : cases)
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      const auto result = convert_stream(memory_of(to, from), stream + stream);
      EXPECT_EQ(result.kinds.back(), event_kind::error);
      EXPECT_THAT(check_stream(to, result.stream), IsEmpty()) << result.stream;
      const auto meaning = understand(to, result.stream);
      EXPECT_TRUE(meaning.is_error);
      EXPECT_EQ(meaning.text, "t");
      EXPECT_THAT(result.stream, testing::HasSubstr("Busy"));
    }
}

TEST(stream_converter, writes_what_came_before_the_break_in_one_event) {
  auto converter = stream_converter{memory_of(responses, chat)};
  auto out = std::string{};
  EXPECT_EQ(
      converter.convert(
          chunk(
              R"({"content":"t","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})"),
          out),
      event_kind::content);
  EXPECT_EQ(
      converter.convert(
          chunk(R"({"content":"u","tool_calls":[{"index":0,"function":{"arguments":"x"}}]})"), out),
      event_kind::malformed);
  converter.fail(client_error::api_error, converter.problem(), out);
  EXPECT_THAT(check_stream(responses, out), IsEmpty()) << out;
}

} // namespace
} // namespace axonhub::llm
