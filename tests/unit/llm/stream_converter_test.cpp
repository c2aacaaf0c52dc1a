#include "llm/stream_converter.hpp"

#include "tests/unit/llm/conversion_memory.hpp"
#include "tests/unit/llm/converted.hpp"
#include "tests/unit/llm/padded.hpp"
#include "tests/unit/llm/stream_checker.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>

namespace axonhub::llm {
namespace {

using testing::IsEmpty;

constexpr auto claude = dialect::anthropic;
constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;
constexpr dialect all_dialects[] = {claude, chat, responses};

struct sample {
  std::string name;
  dialect from;
};

std::vector<sample> samples() {
  auto list = std::vector<sample>{};
  for (const auto* const name : {"error-midway", "max-tokens", "odd-framing", "server-tool", "text",
                                 "thinking-omitted", "tool-use"})
    list.push_back({std::string{"anthropic-stream-"} + name, claude});
  for (const auto* const name :
       {"error-midway", "length", "n2", "reasoning-deepseek", "reasoning-openrouter", "refusal",
        "text", "tool-in-one-chunk", "tools", "tools-interleaved"})
    list.push_back({std::string{"openai-stream-"} + name, chat});
  for (const auto* const name :
       {"custom-tool", "error-event", "failed", "incomplete", "minimal-for-codex", "text", "tools"})
    list.push_back({std::string{"responses-stream-"} + name, responses});
  return list;
}

std::string sample_stream(const std::string& name) {
  return fixture("conversion/" + name + ".sse");
}

void expect_same_events(const std::string& produced, const std::string& expected) {
  const auto is = parse_stream(produced);
  const auto should_be = parse_stream(expected);
  for (std::size_t i = 0; i < std::min(is.size(), should_be.size()); ++i) {
    EXPECT_EQ(is[i].name, should_be[i].name) << i;
    ASSERT_EQ(is[i].data, should_be[i].data) << i;
  }
  EXPECT_EQ(is.size(), should_be.size());
}

TEST(stream_converter, produces_the_expected_stream_of_every_sample) {
  auto compared = 0;
  for (const auto& [name, from] : samples()) {
    for (const auto to : all_dialects) {
      const auto suffix = to == claude ? "anthropic" : to == chat ? "openai" : "responses";
      // Chat and Responses into each other: judged by their grammar and meaning below.
      if (to == from || (from != claude && to != claude) ||
          name == "anthropic-stream-odd-framing" || name == "anthropic-stream-server-tool" ||
          name == "openai-stream-n2" || name == "responses-stream-minimal-for-codex")
        continue;
      SCOPED_TRACE(name + " to " + suffix);
      const auto result = convert_stream(memory_of(to, from), sample_stream(name));
      expect_same_events(result.stream,
                         fixture("conversion/expected/" + name + ".to-" + suffix + ".sse"));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 25);
}

TEST(stream_converter, keeps_to_the_grammar_and_the_meaning_between_all_dialects) {
  for (const auto& [name, from] : samples()) {
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      SCOPED_TRACE(name + " to " + std::string{to_text(to)});
      const auto upstream = sample_stream(name);
      const auto result = convert_stream(memory_of(to, from), upstream);
      EXPECT_THAT(check_stream(to, result.stream), IsEmpty());
      EXPECT_EQ(result.problem, "");
    }
  }
}

TEST(stream_converter, converts_the_same_wherever_the_stream_is_cut) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  for (const auto& [name, from] : samples()) {
    for (const auto to : all_dialects) {
      if (to == from)
        continue;
      SCOPED_TRACE(name + " to " + std::string{to_text(to)} + ", seed " + std::to_string(seed));
      const auto memory = memory_of(to, from);
      const auto stream = sample_stream(name);
      const auto whole = convert_stream(memory, stream);
      EXPECT_EQ(convert_stream(memory, stream, [] { return 1; }).stream, whole.stream);
      for (auto round = 0; round < 10; ++round) {
        auto size = std::uniform_int_distribution<std::size_t>{1, 97};
        const auto cut = convert_stream(memory, stream, [&] { return size(random); });
        EXPECT_EQ(cut.stream, whole.stream);
        EXPECT_EQ(cut.kinds, whole.kinds);
        EXPECT_EQ(cut.tokens, whole.tokens);
      }
    }
  }
}

// --- what upstreams do ---

/// A chunk of Chat with this delta.
std::string chunk(const std::string& delta, const std::string& finish = "null",
                  const std::string& more = "") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[)"
         R"({"index":0,"delta":)" +
         delta + R"(,"finish_reason":)" + finish + "}]" + more + "}\n\n";
}

const std::string done = "data: [DONE]\n\n";

std::string event(const std::string& type, const std::string& fields = "") {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + (fields.empty() ? "" : ",") +
         fields + "}\n\n";
}

/// Converts, demands a proper stream, and says what it means.
answer_meaning meaning_of(dialect from, dialect to, const std::string& stream) {
  const auto result = convert_stream(memory_of(to, from), stream);
  EXPECT_EQ(result.problem, "");
  EXPECT_THAT(check_stream(to, result.stream), IsEmpty()) << result.stream;
  return understand(to, result.stream);
}

using calls = std::vector<answer_meaning::call>;

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

// --- names, signatures, escapes ---

TEST(stream_converter, refuses_a_call_without_a_name) {
  const auto call = [](const std::string& name) {
    return event("message_start", R"("message":{"id":"m"})") +
           event("content_block_start",
                 R"("index":0,"content_block":{"type":"tool_use","id":"a","name":")" + name +
                     R"("})");
  };
  const auto item = event("response.output_item.added",
                          R"("output_index":0,"item":{"type":"function_call","call_id":"c"})");
  const auto nameless =
      chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{}"}}]})") + done;
  for (const auto to : {chat, responses}) {
    EXPECT_EQ(convert_stream(memory_of(to, claude), call("")).kinds.back(), event_kind::malformed);
    EXPECT_EQ(convert_stream(memory_of(to, claude), call("f")).kinds[1], event_kind::content);
  }
  EXPECT_EQ(convert_stream(memory_of(claude, responses), item).kinds.back(), event_kind::malformed);
  EXPECT_EQ(convert_stream(memory_of(claude, chat), nameless).kinds.back(), event_kind::malformed);
}

TEST(stream_converter, restores_the_names_of_tools) {
  const auto stream = chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"short_1",)"
                            R"("arguments":"{\"input\":\"*** \\\"x\\\"\\n\"}"}}]})") +
                      chunk("{}", R"("tool_calls")") + done;
  auto memory = memory_of(claude, chat);
  const auto long_name = std::string(70, 'n');
  memory.tools["short_1"] = {.name = long_name, .name_space = {}};
  EXPECT_EQ(understand(claude, convert_stream(memory, stream).stream).calls[0].name, long_name);

  memory = memory_of(responses, chat);
  memory.tools["short_1"] = {.name = "tool", .name_space = "files"};
  auto result = convert_stream(memory, stream);
  EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
  auto item = parse_stream(result.stream).back().data["response"]["output"][0];
  EXPECT_EQ(item["name"], "tool");
  EXPECT_EQ(item["namespace"], "files");

  memory.tools["short_1"] = {.name = "apply_patch", .name_space = {}, .is_custom = true};
  result = convert_stream(memory, stream);
  EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
  item = parse_stream(result.stream).back().data["response"]["output"][0];
  EXPECT_EQ(item["type"], "custom_tool_call");
  EXPECT_EQ(item["input"], "*** \"x\"\n");
}

TEST(stream_converter, replaces_halves_of_surrogate_pairs) {
  const auto stream = chunk(R"({"content":"\ud83c"})") + chunk(R"({"content":"\udf0d \ud800"})") +
                      chunk("{}", R"("stop")") + done;
  const auto result = convert_stream(memory_of(claude, chat), stream);
  EXPECT_THAT(result.stream, testing::HasSubstr(R"("text":"\ufffd"})"));
  EXPECT_THAT(result.stream, testing::HasSubstr(R"("text":"\ufffd \ufffd"})"));
}

TEST(stream_converter, packs_a_claude_signature_for_responses_only_when_asked) {
  auto memory = memory_of(responses, claude);
  memory.encrypted_reasoning = false;
  const auto result = convert_stream(memory, sample_stream("anthropic-stream-thinking-omitted"));
  EXPECT_THAT(check_stream(responses, result.stream), IsEmpty());
  EXPECT_EQ(result.stream.find("encrypted_content"), std::string::npos);
}

TEST(stream_converter, separates_the_parts_of_a_summary) {
  const auto delta = [](const std::string& index, const std::string& text) {
    return event("response.reasoning_summary_text.delta",
                 R"("output_index":0,"summary_index":)" + index + R"(,"delta":")" + text + "\"");
  };
  const auto stream =
      event("response.output_item.added",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]})") +
      delta("0", "one") + delta("1", "two") +
      event("response.output_item.done",
            R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]})") +
      event("response.completed", R"("response":{"id":"r"})");
  EXPECT_EQ(meaning_of(responses, claude, stream).reasoning, "one\n\ntwo");
}

TEST(stream_converter, takes_what_is_told_at_an_items_end_alone) {
  const auto stream =
      event("response.output_item.added",
            R"("output_index":0,"item":{"type":"function_call","call_id":"c","name":"f"})") +
      event("response.function_call_arguments.done",
            R"("output_index":0,"item_id":"other","arguments":"{\"a\":1}")") +
      event("response.output_item.done", R"("output_index":0,"item":{"type":"function_call",)"
                                         R"("call_id":"c","name":"f","arguments":"{\"a\":1}"})") +
      event("response.output_item.done",
            R"("output_index":1,"item":{"type":"function_call","call_id":"d","name":"g",)"
            R"("arguments":"{\"b\":2}"})") +
      event("response.done", R"("response":{"id":"r"})");
  for (const auto to : {claude, chat})
    EXPECT_EQ(meaning_of(responses, to, stream).calls,
              (calls{{"c", "f", R"({"a":1})"}, {"d", "g", R"({"b":2})"}}));
  const auto minimal = sample_stream("responses-stream-minimal-for-codex");
  EXPECT_EQ(meaning_of(responses, claude, minimal).text, "ok");
  EXPECT_EQ(meaning_of(responses, chat,
                       event("response.completed",
                             R"("response":{"id":"r","output":[{"type":"message","content":[)"
                             R"({"type":"output_text","text":"all"}]}]})"))
                .text,
            "all");
}

// --- ends ---

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
  for (const auto* const reason : {R"("error")", R"("insufficient_system_resource")"}) {
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

// --- round trips ---

TEST(stream_converter, keeps_the_meaning_there_and_back_again) {
  for (const auto& [name, from] : samples()) {
    for (const auto via : all_dialects) {
      if (via == from || name == "openai-stream-n2" || name == "responses-stream-custom-tool")
        continue;
      SCOPED_TRACE(name + " via " + std::string{to_text(via)});
      const auto there = convert_stream(memory_of(via, from), sample_stream(name));
      const auto back = convert_stream(memory_of(from, via), there.stream);
      EXPECT_THAT(check_stream(from, back.stream), IsEmpty());
      auto first = understand(via, there.stream);
      auto second = understand(from, back.stream);
      EXPECT_EQ(first, second);
    }
  }
}

/// A random Anthropic stream of a few blocks, its texts full of escapes.
std::string random_stream(std::mt19937& random) {
  const auto pick = [&random](int most) {
    return std::uniform_int_distribution<int>{0, most}(random);
  };
  const auto text = [&] {
    static const std::string parts[] = {"a", "\\n",     "\\\"",           "\\\\", "é",
                                        "🌍", "\\u0000", "\\ud83c\\udf0d", "{",    " "};
    auto t = std::string{};
    for (auto n = pick(8); n >= 0; --n)
      t += parts[static_cast<std::size_t>(pick(9))];
    return t;
  };
  const auto input = R"("input_tokens":)" + std::to_string(pick(99)) +
                     R"(,"cache_creation_input_tokens":3,"cache_read_input_tokens":7)";
  auto stream = event("message_start", R"("message":{"id":"m","usage":{)" + input + "}}");
  auto has_tool = false;
  const auto blocks = 1 + pick(4);
  for (auto i = 0; i < blocks; ++i) {
    const auto index = R"("index":)" + std::to_string(i);
    const auto kind = pick(2);
    const auto delta = [&](const std::string& type, const std::string& key, const std::string& t) {
      stream += event("content_block_delta", index + R"(,"delta":{"type":")" + type + R"(",")" +
                                                 key + R"(":")" + t + "\"}");
    };
    if (kind == 0) {
      stream += event("content_block_start",
                      index + R"(,"content_block":{"type":"thinking","thinking":""})");
      delta("thinking_delta", "thinking", text());
      delta("signature_delta", "signature", "c2ln");
    } else if (kind == 1) {
      stream +=
          event("content_block_start", index + R"(,"content_block":{"type":"text","text":""})");
      for (auto n = pick(3); n >= 0; --n)
        delta("text_delta", "text", text());
    } else {
      has_tool = true;
      stream +=
          event("content_block_start", index + R"(,"content_block":{"type":"tool_use","id":"t)" +
                                           std::to_string(i) + R"(","name":"f","input":{}})");
      if (pick(3) > 0) {
        delta("input_json_delta", "partial_json", R"({\"k\": \"\\u00e9)");
        delta("input_json_delta", "partial_json", R"( \\\"q\\\"\", \"n\": 1.0e+40})");
      }
    }
    stream += event("content_block_stop", index);
  }
  return stream +
         event("message_delta", std::string{R"("delta":{"stop_reason":")"} +
                                    (has_tool ? "tool_use" : "end_turn") + R"("},"usage":{)" +
                                    input + R"(,"output_tokens":9})") +
         event("message_stop");
}

TEST(stream_converter, keeps_the_meaning_of_random_answers_through_every_pair) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  for (auto round = 0; round < 200; ++round) {
    const auto stream = random_stream(random);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + "\n" +
                 stream);
    const auto expected = understand(claude, stream);
    for (const auto& [first, second] : {std::pair{chat, responses}, std::pair{responses, chat}}) {
      auto answer = convert_stream(memory_of(first, claude), stream);
      ASSERT_THAT(check_stream(first, answer.stream), IsEmpty());
      ASSERT_EQ(understand(first, answer.stream), expected);
      answer = convert_stream(memory_of(second, first), answer.stream);
      ASSERT_THAT(check_stream(second, answer.stream), IsEmpty());
      ASSERT_EQ(understand(second, answer.stream), expected);
      answer = convert_stream(memory_of(claude, second), answer.stream);
      ASSERT_THAT(check_stream(claude, answer.stream), IsEmpty());
      ASSERT_EQ(understand(claude, answer.stream), expected);
    }
  }
}

/// A stream with some of its events lost, told twice, swapped, cut or with other digits.
std::string damage(const std::string& stream, std::mt19937& random) {
  const auto pick = [&random](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
  };
  auto events = std::vector<std::string>{};
  event_splitter{}.feed(stream, [&events](std::string_view e) { events.emplace_back(e); });
  for (auto faults = 1 + pick(4); faults > 0 && !events.empty(); --faults) {
    const auto at = pick(events.size());
    auto& e = events[at];
    switch (pick(6)) {
      case 0:
        events.erase(events.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), std::string{e});
        break;
      case 2:
        std::swap(e, events[pick(events.size())]);
        break;
      case 3:
        e = e.substr(0, pick(e.size())) + "\n\n";
        break;
      case 4:
        if (const auto digit = e.find_first_of("0123", pick(e.size())); digit != std::string::npos)
          e[digit] = static_cast<char>('0' + pick(4));
        break;
      default:
        e[pick(e.size())] = static_cast<char>(pick(256));
        break;
    }
  }
  auto damaged = std::string{};
  for (const auto& e : events)
    damaged += e;
  return damaged;
}

TEST(stream_converter, writes_a_proper_stream_whatever_the_upstream_says) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  auto ends = std::map<event_kind, int>{};
  for (auto round = 0; round < 40; ++round) {
    for (const auto& [name, from] : samples()) {
      const auto stream = damage(sample_stream(name), random);
      for (const auto to : all_dialects) {
        if (to == from)
          continue;
        auto converter = stream_converter{memory_of(to, from)};
        auto out = std::string{};
        auto last = event_kind::other;
        event_splitter{}.feed(stream, [&](std::string_view e) {
          if (const auto kind = converter.convert(e, out); kind != event_kind::other)
            last = kind;
        });
        if (const auto kind = converter.finish(out); kind != event_kind::other)
          last = kind;
        ++ends[last];
        if (last == event_kind::malformed)
          converter.fail(client_error::api_error, converter.problem(), out);
        auto breaches = check_stream(to, out);
        // What a model calls a tool with is for the client to judge.
        std::erase_if(breaches, [](const std::string& b) {
          return b.find("are an object") != b.npos || b.find("arguments: ") != b.npos;
        });
        ASSERT_THAT(breaches, IsEmpty())
            << "seed " << seed << ", " << name << " to " << to_text(to) << '\n'
            << stream << "\nbecame\n"
            << out;
      }
    }
  }
  EXPECT_GT(ends[event_kind::terminal], 0);
  EXPECT_GT(ends[event_kind::malformed], 0);
  EXPECT_GT(ends[event_kind::error], 0);
  EXPECT_EQ(ends.size(), 3u) << "every stream ends";
}

TEST(stream_converter, brings_a_claude_signature_through_responses_whole) {
  const auto there =
      convert_stream(memory_of(responses, claude), sample_stream("anthropic-stream-tool-use"));
  EXPECT_THAT(
      there.stream,
      testing::HasSubstr(R"("encrypted_content":"gwa1.s:RmFrZVNpZ25hdHVyZUZvckZpeHR1cmVz")"));
}

} // namespace
} // namespace axonhub::llm
