#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

namespace axonhub::llm {
namespace {

/// One call of the tool "up" with these arguments, as an upstream tells it.
std::string call_stream(dialect from, const std::string& arguments) {
  const auto inner = nlohmann::json(arguments).dump();
  if (from == chat)
    return chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"up","arguments":)" +
                 inner + "}}]}") +
           chunk("{}", R"("tool_calls")") + done;
  if (from == responses)
    return event("response.output_item.done",
                 R"("output_index":0,"item":{"type":"function_call","id":"f","call_id":"a",)"
                 R"("name":"up","arguments":)" +
                     inner + "}") +
           event("response.completed", R"("response":{"id":"r"})");
  return event("message_start", R"("message":{"id":"m"})") +
         event("content_block_start",
               R"("index":0,"content_block":{"type":"tool_use","id":"a","name":"up","input":{}})") +
         event("content_block_delta",
               R"("index":0,"delta":{"type":"input_json_delta","partial_json":)" + inner + "}") +
         event("content_block_stop", R"("index":0)") +
         event("message_delta", R"("delta":{"stop_reason":"tool_use"})") + event("message_stop");
}

conversion_memory with_tool(dialect to, dialect from, const tool_alias& alias) {
  auto memory = memory_of(to, from);
  memory.tools["up"] = alias;
  return memory;
}

TEST(stream_converter, gives_the_tools_of_responses_back_as_their_own_items) {
  const struct {
    std::string tool, arguments, item;
  } cases[] = {
      {"tool_search", "{\"query\":\"x\",\n \"n\": 1e400}",
       R"({"type":"tool_search_call","id":"tsc_gw_0","call_id":"a","arguments":{"query":"x",  "n": 1e400},"execution":"client","status":"completed"})"},
      {"local_shell", R"({"type":"exec","command":["ls"],"env":{}})",
       R"({"type":"local_shell_call","id":"lsh_gw_0","call_id":"a","action":{"type":"exec","command":["ls"],"env":{}},"status":"completed"})"},
      {"shell", R"({"commands":["ls"]})",
       R"({"type":"shell_call","id":"sh_gw_0","call_id":"a","action":{"commands":["ls"]},"status":"completed"})"},
      {"apply_patch", R"({"type":"delete_file","path":"a\"b"})",
       R"({"type":"apply_patch_call","id":"apc_gw_0","call_id":"a","operation":{"type":"delete_file","path":"a\"b"},"status":"completed"})"},
      {"shell", "",
       R"({"type":"shell_call","id":"sh_gw_0","call_id":"a","action":{},"status":"completed"})"},
  };
  for (const auto from : {claude, chat})
    for (const auto& [tool, arguments, item] : cases) {
      SCOPED_TRACE(tool + " by " + std::string{to_text(from)});
      const auto alias = tool_alias{.name = tool, .name_space = {}, .call_type = tool + "_call"};
      const auto result =
          convert_stream(with_tool(responses, from, alias), call_stream(from, arguments));
      EXPECT_THAT(result.stream, testing::HasSubstr("\"item\":" + item));
      EXPECT_EQ(result.stream.find("function_call"), std::string::npos);
      EXPECT_EQ(result.kinds.back(), event_kind::terminal);
      if (arguments.find("1e400") == std::string::npos) { // more than the checker can hold
        EXPECT_THAT(check_stream(responses, result.stream), IsEmpty()) << result.stream;
      }
    }
}

TEST(stream_converter, tells_nothing_of_a_held_call_that_is_cut) {
  const auto alias = tool_alias{.name = "shell", .name_space = {}, .call_type = "shell_call"};
  auto converter = stream_converter{with_tool(responses, claude, alias)};
  auto out = std::string{};
  auto stream = call_stream(claude, R"({"commands":["ls"]})");
  event_splitter{}.feed(stream.substr(0, stream.find("event: content_block_stop")),
                        [&](std::string_view e) { converter.convert(e, out); });
  converter.fail(client_error::api_error, "cut", out);
  EXPECT_THAT(check_stream(responses, out), IsEmpty());
  EXPECT_EQ(out.find("shell_call"), std::string::npos);
}

TEST(stream_converter, gives_chat_clients_their_custom_tools_back) {
  const auto alias = tool_alias{.name = "apply_patch", .name_space = {}, .is_custom = true};
  const struct {
    std::string arguments, input;
  } cases[] = {
      {R"({"input":"*** \"x\"\n\u00e9"})", "*** \"x\"\n\xC3\xA9"},
      {R"({"input":""})", ""},
      {"", ""},
      {"plain text", "plain text"},
  };
  for (const auto from : {claude, responses})
    for (const auto& [arguments, input] : cases) {
      SCOPED_TRACE(arguments);
      const auto result =
          convert_stream(with_tool(chat, from, alias), call_stream(from, arguments));
      EXPECT_THAT(check_stream(chat, result.stream), IsEmpty()) << result.stream;
      EXPECT_THAT(result.stream,
                  testing::HasSubstr(R"("tool_calls":[{"index":0,"id":"a","type":"custom",)"
                                     R"("custom":{"name":"apply_patch","input":""}}])"));
      auto told = std::string{};
      for (const auto& e : parse_stream(result.stream))
        if (e.data.is_object() && !e.data["choices"].empty())
          for (const auto& call :
               e.data["choices"][0]["delta"].value("tool_calls", nlohmann::json::array()))
            told += call["custom"]["input"];
      EXPECT_EQ(told, input);
    }
}

TEST(stream_converter, lets_claudes_signatures_survive_in_chat_clients) {
  const auto stream =
      event("message_start", R"("message":{"id":"m"})") +
      event("content_block_start",
            R"("index":0,"content_block":{"type":"thinking","thinking":"","signature":""})") +
      event("content_block_delta",
            R"("index":0,"delta":{"type":"thinking_delta","thinking":"a\n"})") +
      event("content_block_delta",
            R"("index":0,"delta":{"type":"thinking_delta","thinking":"b"})") +
      event("content_block_delta",
            R"("index":0,"delta":{"type":"signature_delta","signature":"c2ln"})") +
      event("content_block_stop", R"("index":0)") +
      event("content_block_start",
            R"("index":1,"content_block":{"type":"redacted_thinking","data":"cmVk"})") +
      event("content_block_stop", R"("index":1)") +
      event("content_block_start",
            R"("index":2,"content_block":{"type":"thinking","thinking":"","signature":""})") +
      event("content_block_delta",
            R"("index":2,"delta":{"type":"signature_delta","signature":"bm9uZQ=="})") +
      event("content_block_stop", R"("index":2)") +
      event("content_block_start", R"("index":3,"content_block":{"type":"text","text":"t"})") +
      event("content_block_stop", R"("index":3)") +
      event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1})") +
      event("message_stop");
  const auto there = convert_stream(memory_of(chat, claude), stream);
  EXPECT_THAT(check_stream(chat, there.stream), IsEmpty());
  auto details = nlohmann::json::array();
  for (const auto& e : parse_stream(there.stream))
    if (e.data.is_object() && !e.data["choices"].empty())
      for (const auto& d :
           e.data["choices"][0]["delta"].value("reasoning_details", nlohmann::json::array()))
        details.push_back(d);
  EXPECT_EQ(details, nlohmann::json::parse(R"([
    {"type":"reasoning.text","text":"a\n","format":"anthropic-claude-v1","index":0},
    {"type":"reasoning.text","text":"b","format":"anthropic-claude-v1","index":0},
    {"type":"reasoning.text","text":"","signature":"c2ln","format":"anthropic-claude-v1","index":0},
    {"type":"reasoning.encrypted","data":"cmVk","format":"anthropic-claude-v1","index":1},
    {"type":"reasoning.text","text":"","signature":"bm9uZQ==","format":"anthropic-claude-v1","index":2}
  ])"));
  const auto back = convert_stream(memory_of(claude, chat), there.stream);
  EXPECT_THAT(check_stream(claude, back.stream), IsEmpty());
  EXPECT_EQ(understand(claude, back.stream).reasoning, "a\nb");
  for (const auto* const proof : {R"("signature":"c2ln")", R"("signature":"bm9uZQ==")"})
    EXPECT_THAT(back.stream, testing::HasSubstr(proof));
}

TEST(stream_converter, gives_chat_clients_no_details_of_others_thoughts) {
  const auto result =
      convert_stream(memory_of(chat, responses), sample_stream("responses-stream-tools"));
  EXPECT_THAT(result.stream, testing::HasSubstr("reasoning_content"));
  EXPECT_EQ(result.stream.find("reasoning_details"), std::string::npos);
}

/// A fragment of a call; `head` is its index and id as they are told, with a comma behind.
std::string fragment(const std::string& head, const std::string& name,
                     const std::string& arguments) {
  auto function = nlohmann::json{{"arguments", arguments}};
  if (!name.empty())
    function["name"] = name;
  return "{" + head + R"("function":)" + function.dump() + "}";
}

/// A stream with these lists of fragments, one in each chunk.
std::string calling(const std::vector<std::string>& lists) {
  auto stream = std::string{};
  for (const auto& list : lists)
    stream += chunk(R"({"tool_calls":[)" + list + "]}");
  return stream + chunk("{}", R"("tool_calls")") + done;
}

TEST(stream_converter, tells_parallel_calls_apart_that_are_counted_badly) {
  const auto zero = std::string{R"("index":0,)"};
  const auto blank = std::string{R"("index":0,"id":"",)"};
  const auto same = std::string{R"("index":0,"id":"a",)"};
  const auto paris = std::string{R"({"city":"}{"})"};
  const auto utc = std::string{R"({"zone":{"n":"\"\\"}} )"};
  const auto two = calls{{"call_gw_0", "weather", paris}, {"call_gw_1", "time", utc}};
  const auto twice = calls{{"call_gw_0", "weather", paris}, {"call_gw_1", "weather", utc}};
  const struct {
    std::string name;
    std::vector<std::string> lists;
    calls expected;
  } cases[] = {
      {"one chunk, no ids",
       {fragment(zero, "weather", paris) + "," + fragment(zero, "time", utc)},
       two},
      {"one chunk, one tool",
       {fragment(zero, "weather", paris) + "," + fragment(zero, "weather", utc)},
       twice},
      {"two chunks, empty ids",
       {fragment(blank, "weather", paris), fragment(blank, "time", utc)},
       two},
      {"two chunks, empty ids, one tool",
       {fragment(blank, "weather", paris), fragment(blank, "weather", utc)},
       twice},
      {"a chunk for each, no index",
       {fragment("", "weather", paris), fragment("", "time", utc)},
       two},
      {"a chunk for each, no index, one tool",
       {fragment("", "weather", paris), fragment("", "weather", utc)},
       twice},
      {"in pieces",
       {fragment(zero, "weather", paris.substr(0, 5)), fragment(zero, "", paris.substr(5)),
        fragment(zero, "weather", utc.substr(0, 5)), fragment(zero, "", utc.substr(5))},
       twice},
      {"one id for all",
       {fragment(same, "weather", paris), fragment(same, "weather", utc)},
       {{"a", "weather", paris}, {"call_gw_1", "weather", utc}}},
      {"a name in every fragment",
       {fragment(zero, "weather", ""), fragment(zero, "weather", "{\"city\":"),
        fragment(zero, "weather", "\"}{\"}"), fragment(zero, "weather", " "),
        fragment(zero, "weather", "")},
       {{"call_gw_0", "weather", paris + " "}}},
      {"a name behind the arguments",
       {fragment(zero, "", paris), fragment(zero, "weather", "")},
       {{"call_gw_0", "weather", paris}}},
      {"quotes as numbers",
       {R"({"index":0,"function":{"name":"f","arguments":"\u007b\u0022}\u0022:1}"}})",
        R"({"index":0,"function":{"name":"f","arguments":"{}"}})"},
       {{"call_gw_0", "f", R"({"}":1})"}, {"call_gw_1", "f", "{}"}}},
  };
  for (const auto& [name, lists, expected] : cases)
    for (const auto to : {claude, responses}) {
      SCOPED_TRACE(name + " to " + std::string{to_text(to)});
      EXPECT_EQ(meaning_of(chat, to, calling(lists)).calls, expected);
    }
}

} // namespace
} // namespace axonhub::llm
