#include "llm/answer_converter.hpp"

#include "llm/read_answer.hpp"
#include "tests/unit/llm/conversion_memory.hpp"
#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace axonhub::llm {
namespace {

using json = nlohmann::json;
using testing::HasSubstr;

constexpr auto claude = dialect::anthropic;
constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;

json convert(dialect from, dialect to, const std::string& body) {
  const auto converted = convert_answer(padded(body), memory_of(to, from));
  EXPECT_TRUE(converted) << converted.error().message;
  return converted ? json::parse(converted->body) : json{};
}

std::string claude_answer() { return fixture("anthropic/answer.json"); }
std::string chat_answer() { return fixture("conversion/openai-response-tools.json"); }
std::string responses_answer() { return fixture("conversion/responses-response.json"); }

/// A completion with this message.
std::string completion(const std::string& message, const std::string& finish = "stop",
                       const std::string& more = "") {
  return R"({"id":"c","model":"m","choices":[{"index":0,"message":)" + message +
         R"(,"finish_reason":")" + finish + "\"}]" + more + "}";
}

TEST(convert_answer, turns_a_claude_message_into_a_completion) {
  EXPECT_EQ(convert(claude, chat, claude_answer()), json::parse(R"({
    "id":"chatcmpl-gw","object":"chat.completion","created":1795330000,"model":"client-model",
    "choices":[{"index":0,"message":{"role":"assistant","content":"Checking.","refusal":null,
      "reasoning_content":"Two cities.","reasoning_details":[{"type":"reasoning.text",
        "text":"Two cities.","signature":"RmFrZQ==","format":"anthropic-claude-v1","index":0}],
      "tool_calls":[{"id":"toolu_fx_a","type":"function",
      "function":{"name":"get_weather","arguments":
        "{\n        \"city\": \"Paris\",\n        \"unit\": \"c\"\n      }"}}]},
      "logprobs":null,"finish_reason":"tool_calls"}],
    "usage":{"prompt_tokens":4629,"completion_tokens":80,"total_tokens":4709,
      "prompt_tokens_details":{"cached_tokens":4096,"cache_write_tokens":512},
      "completion_tokens_details":{"reasoning_tokens":0}}})"));
}

TEST(convert_answer, turns_a_claude_message_into_a_response) {
  const auto response = convert(claude, responses, claude_answer());
  EXPECT_EQ(response["status"], "completed");
  EXPECT_EQ(response["output"], json::parse(R"([
    {"type":"reasoning","id":"rs_gw_0","summary":[{"type":"summary_text","text":"Two cities."}],
     "encrypted_content":"gwa1.s:RmFrZQ=="},
    {"type":"message","id":"msg_gw_1","role":"assistant","status":"completed",
     "content":[{"type":"output_text","text":"Checking.","annotations":[]}]},
    {"type":"function_call","id":"fc_gw_2","call_id":"toolu_fx_a","name":"get_weather",
     "arguments":"{\n        \"city\": \"Paris\",\n        \"unit\": \"c\"\n      }",
     "status":"completed"}])"));
  EXPECT_EQ(response["usage"], json::parse(R"({"input_tokens":4629,"output_tokens":80,
    "total_tokens":4709,"input_tokens_details":{"cached_tokens":4096,"cache_write_tokens":512},
    "output_tokens_details":{"reasoning_tokens":0}})"));
}

TEST(convert_answer, turns_a_completion_into_a_claude_message) {
  EXPECT_EQ(convert(chat, claude, chat_answer()), json::parse(R"({
    "id":"msg_gw","type":"message","role":"assistant","model":"client-model",
    "content":[{"type":"tool_use","id":"call_fx_a","name":"get_weather",
                "input":{"city":"Paris","unit":"c"}}],
    "stop_reason":"tool_use","stop_sequence":null,
    "usage":{"input_tokens":21,"cache_creation_input_tokens":0,"cache_read_input_tokens":4096,
             "output_tokens":30}})"));
}

TEST(convert_answer, turns_a_response_into_a_claude_message) {
  EXPECT_EQ(convert(responses, claude, responses_answer()), json::parse(R"({
    "id":"msg_gw","type":"message","role":"assistant","model":"client-model",
    "content":[{"type":"thinking","thinking":"Two cities, so two calls.",
                "signature":"gwr1.rs_fx.RU5DUllQVEVE"},
               {"type":"text","text":"Checking both cities."},
               {"type":"tool_use","id":"call_fx_a","name":"get_weather",
                "input":{"city":"Paris","unit":"c"}}],
    "stop_reason":"tool_use","stop_sequence":null,
    "usage":{"input_tokens":21,"cache_creation_input_tokens":0,"cache_read_input_tokens":4096,
             "output_tokens":143,"output_tokens_details":{"thinking_tokens":60}}})"));
}

TEST(convert_answer, turns_responses_and_completions_into_each_other) {
  const auto completed = convert(responses, chat, responses_answer());
  const auto& message = completed["choices"][0]["message"];
  EXPECT_EQ(message["reasoning_content"], "Two cities, so two calls.");
  EXPECT_EQ(message["content"], "Checking both cities.");
  EXPECT_EQ(message["tool_calls"][0]["id"], "call_fx_a");
  EXPECT_EQ(message["tool_calls"][0]["function"]["arguments"], R"({"city": "Paris", "unit": "c"})");
  EXPECT_EQ(completed["choices"][0]["finish_reason"], "tool_calls");
  EXPECT_EQ(completed["usage"]["total_tokens"], 4260);

  const auto response = convert(chat, responses, chat_answer());
  EXPECT_EQ(response["output"][0]["call_id"], "call_fx_a");
  EXPECT_EQ(response["output"][0]["arguments"], R"({"city": "Paris", "unit": "c"})");
  EXPECT_EQ(response["usage"]["input_tokens"], 4117);
}

TEST(convert_answer, keeps_the_text_of_arguments) {
  const struct {
    std::string name, arguments, input;
  } cases[] = {
      {"large numbers, order, doubles", R"({\"b\":123456789012345678901,\"a\":1.0,\"b\":1e400})",
       R"({"b":123456789012345678901,"a":1.0,"b":1e400})"},
      {"escapes", R"({\"t\":\"\\u00e9\\ud800\\\"\\n\"})", R"({"t":"\u00e9\ud800\"\n"})"},
      {"blanks", R"( {\"a\" : 1}\n)", " {\"a\" : 1}\n"},
      {"none", "", "{}"},
      {"only blanks", " \\n", "{}"},
      {"no object", "[1]", R"({"_raw":"[1]"})"},
      {"cut", R"({\"a\":)", R"({"_raw":"{\"a\":"})"},
      {"two", "{}{}", R"({"_raw":"{}{}"})"},
  };
  for (const auto& [name, arguments, input] : cases) {
    SCOPED_TRACE(name);
    const auto body = completion(R"({"content":null,"tool_calls":[{"id":"a","type":"function",)"
                                 R"("function":{"name":"f","arguments":")" +
                                 arguments + "\"}}]}");
    const auto converted = convert_answer(padded(body), memory_of(claude, chat));
    ASSERT_TRUE(converted);
    EXPECT_THAT(converted->body, HasSubstr("\"input\":" + input + "}"));
    EXPECT_TRUE(json::accept(converted->body) || name.starts_with("large") || name == "escapes");
  }
}

TEST(convert_answer, refuses_an_empty_completion) {
  for (const auto* const message :
       {R"({"content":null})", R"({"content":""})", R"({"role":"assistant"})", "null"}) {
    const auto converted = convert_answer(padded(completion(message)), memory_of(claude, chat));
    ASSERT_FALSE(converted);
    EXPECT_EQ(converted.error().code, errc::malformed_message);
    EXPECT_EQ(converted.error().message, "The upstream's answer is empty");
  }
  EXPECT_TRUE(
      convert_answer(padded(completion(R"({"content":""})", "length")), memory_of(claude, chat)));
}

TEST(convert_answer, tells_what_an_upstream_answered_instead) {
  const struct {
    std::string body, message;
  } cases[] = {
      {"<html>", "The upstream answered a page instead of JSON"},
      {R"({"error":{"type":"server_error","message":"boom"}})",
       "The upstream answered 200 with an error: server_error: boom"},
      {"{", "no"},
      {"", "no"},
      {"[]", "no"},
      {"{}", "The upstream answered"},
      {R"({"object":"list","data":[]})", "The upstream answered"},
      {R"({"choices":[],"usage":{}})", "The upstream answered"},
      {R"({"type":"error","error":{"type":"api_error","message":"boom"}})",
       "The upstream answered 200 with an error: "},
  };
  for (const auto from : {claude, chat, responses}) {
    for (const auto& [body, message] : cases) {
      SCOPED_TRACE(std::string{to_text(from)} + ' ' + body);
      const auto converted =
          convert_answer(padded(body), memory_of(from == claude ? chat : claude, from));
      ASSERT_FALSE(converted);
      EXPECT_THAT(converted.error().message, HasSubstr(message));
      EXPECT_FALSE(read_answer(from, padded(body)));
    }
  }
}

TEST(convert_answer, takes_the_same_for_a_claude_message_as_read_answer) {
  const auto rest = std::string{R"("id":"m","model":"c","content":[{"type":"text","text":"t"}]})"};
  const struct {
    std::string start;
    bool is_answer;
  } cases[] = {
      {R"({"type":"message",)", true},
      {R"({"type":"message","error":null,)", true},
      {R"({"type":"message","error":{"type":"api_error","message":"boom"},)", false},
      {R"({"type":"note",)", false},
      {"{", false},
  };
  for (const auto& [start, is_answer] : cases) {
    SCOPED_TRACE(start);
    const auto body = padded(start + rest);
    EXPECT_EQ(read_answer(claude, body).has_value(), is_answer);
    EXPECT_EQ(convert_answer(body, memory_of(chat, claude)).has_value(), is_answer);
  }
}

TEST(convert_answer, reports_the_upstreams_facts) {
  const auto converted = convert_answer(padded(chat_answer()), memory_of(claude, chat));
  ASSERT_TRUE(converted);
  EXPECT_EQ(converted->facts.id, "chatcmpl-fx");
  EXPECT_EQ(converted->facts.model, "gpt-x");
  EXPECT_EQ(converted->facts.stop_reason, "tool_calls");
  EXPECT_EQ(converted->facts.tokens, (usage{21, 4096, 0, 0, 0, 30, 0, true}));
  EXPECT_FALSE(converted->facts.model_value);
}

TEST(convert_answer, says_when_an_answer_was_cut_or_refused) {
  EXPECT_EQ(convert(chat, claude, completion(R"({"content":"t"})", "length"))["stop_reason"],
            "max_tokens");
  const auto refused = convert(chat, claude, completion(R"({"content":"t"})", "content_filter"));
  EXPECT_EQ(refused["stop_reason"], "refusal");
  EXPECT_EQ(refused["stop_details"]["type"], "refusal");
  const auto cut = convert(chat, responses, completion(R"({"content":"t"})", "length"));
  EXPECT_EQ(cut["status"], "incomplete");
  EXPECT_EQ(cut["incomplete_details"]["reason"], "max_output_tokens");
  EXPECT_EQ(
      convert(
          claude, chat,
          R"({"type":"message","content":[{"type":"text","text":"t"}],)"
          R"("stop_reason":"refusal","stop_details":{"explanation":"why"}})")["choices"][0]
                                                                             ["message"]["refusal"],
      "why");
}

TEST(convert_answer, restores_names_and_custom_tools) {
  auto memory = memory_of(responses, chat);
  memory.tools["p"] = {.name = "apply_patch", .name_space = {}, .is_custom = true};
  const auto body = completion(R"({"tool_calls":[{"id":"a","function":{"name":"p",)"
                               R"("arguments":"{\"input\":\"x\\n\"}"}}]})");
  const auto converted = convert_answer(padded(body), memory);
  ASSERT_TRUE(converted);
  EXPECT_EQ(json::parse(converted->body)["output"][0],
            json::parse(R"({"type":"custom_tool_call","id":"ctc_gw_0","call_id":"a",
                            "name":"apply_patch","input":"x\n","status":"completed"})"));
}

TEST(convert_answer, keeps_a_redacted_thought_for_its_way_back) {
  const auto response = convert(claude, responses,
                                R"({"type":"message","content":[{"type":"redacted_thinking",)"
                                R"("data":"cmVk"},{"type":"text","text":"t"}],)"
                                R"("stop_reason":"end_turn"})");
  EXPECT_EQ(response["output"][0]["encrypted_content"], "gwa1.r:cmVk");
}

TEST(convert_answer, tells_texts_and_refusals_apart) {
  const auto answer =
      convert(responses, chat,
              R"({"status":"completed","output":[{"type":"message","content":[)"
              R"({"type":"output_text","text":"A"},{"type":"refusal","refusal":"B"}]}]})");
  EXPECT_EQ(answer["choices"][0]["message"]["content"], "A");
  EXPECT_EQ(answer["choices"][0]["message"]["refusal"], "B");
}

TEST(convert_answer, takes_only_a_whole_response_for_complete) {
  const auto output = std::string{
      R"("output":[{"type":"message","content":[{"type":"output_text","text":"t"}]}]})"};
  const auto cut =
      convert(responses, claude, R"({"status":"incomplete","incomplete_details":null,)" + output);
  EXPECT_EQ(cut["stop_reason"], "max_tokens");
  EXPECT_FALSE(
      convert_answer(padded(R"({"status":"cancelled",)" + output), memory_of(claude, responses)));
}

TEST(convert_answer, gives_the_upstreams_error) {
  auto error = upstream_error{};
  EXPECT_FALSE(convert_answer(
      R"({"status":"failed","error":{"code":"rate_limit_exceeded","message":"m"},"output":[]})",
      memory_of(claude, responses), error));
  EXPECT_EQ(error, (upstream_error{"", "m", "rate_limit_exceeded"}));
  EXPECT_FALSE(convert_answer("{\"choices\":", memory_of(claude, chat), error));
  EXPECT_FALSE(error.is_told());
}

TEST(convert_answer, replaces_and_counts_what_strict_readers_refuse) {
  const auto converted =
      convert_answer(completion("{\"content\":\"a\xFF\\ud800z\"}"), memory_of(claude, chat));
  ASSERT_TRUE(converted);
  EXPECT_EQ(json::parse(converted->body)["content"][0]["text"], "a\uFFFD\uFFFDz");
  EXPECT_EQ(converted->facts.mended.bytes, 1u);
  EXPECT_EQ(converted->facts.mended.surrogates, 1u);
}

TEST(convert_answer, takes_the_old_and_the_odd_forms_of_chat) {
  EXPECT_EQ(convert(chat, claude,
                    completion(R"({"content":null,"function_call":{"name":"f","arguments":"{}"}})",
                               "function_call"))["content"],
            json::parse(R"([{"type":"tool_use","id":"call_gw_0","name":"f","input":{}}])"));
  const auto listed = convert(
      chat, claude,
      completion(R"({"content":[{"type":"text","text":"a"}],"reasoning_details":[)"
                 R"({"type":"reasoning.text","text":"r","signature":"c2ln"},)"
                 R"({"type":"reasoning.encrypted","data":"cmVk","format":"anthropic-claude-v1"},)"
                 R"({"type":"reasoning.summary","summary":"s"}]})"));
  EXPECT_EQ(listed["content"], json::parse(R"([
    {"type":"thinking","thinking":"r","signature":"c2ln"},{"type":"redacted_thinking","data":"cmVk"},
    {"type":"thinking","thinking":"s","signature":""},{"type":"text","text":"a"}])"));
}

TEST(convert_answer, gives_tools_back_as_the_client_knows_them) {
  auto memory = memory_of(responses, claude);
  memory.tools["get_weather"] = {.name = "shell", .name_space = {}, .call_type = "shell_call"};
  auto converted = convert_answer(claude_answer(), memory);
  ASSERT_TRUE(converted);
  EXPECT_EQ(json::parse(converted->body)["output"][2],
            json::parse(R"({"type":"shell_call","id":"sh_gw_2","call_id":"toolu_fx_a",
                            "action":{"city":"Paris","unit":"c"},"status":"completed"})"));
  memory = memory_of(chat, claude);
  memory.tools["get_weather"] = {.name = "patch", .name_space = {}, .is_custom = true};
  const auto body =
      R"({"type":"message","content":[{"type":"tool_use","id":"a","name":"get_weather",)"
      R"("input":{"input":"x\n"}}]})";
  converted = convert_answer(body, memory);
  ASSERT_TRUE(converted);
  EXPECT_EQ(json::parse(converted->body)["choices"][0]["message"]["tool_calls"],
            json::parse(R"([{"id":"a","type":"custom","custom":{"name":"patch","input":"x\n"}}])"));
}

TEST(convert_answer, gives_chat_clients_what_proves_claudes_thoughts) {
  const auto answer = convert(claude, chat,
                              R"({"type":"message","content":[{"type":"thinking","thinking":"r",)"
                              R"("signature":"c2ln"},{"type":"redacted_thinking","data":"cmVk"},)"
                              R"({"type":"text","text":"t"}],"stop_reason":"end_turn"})");
  EXPECT_EQ(answer["choices"][0]["message"]["reasoning_details"], json::parse(R"([
    {"type":"reasoning.text","text":"r","signature":"c2ln","format":"anthropic-claude-v1","index":0},
    {"type":"reasoning.encrypted","data":"cmVk","format":"anthropic-claude-v1","index":1}])"));
}

TEST(read_answer, finds_the_model_and_the_numbers_in_every_dialect) {
  const struct {
    dialect speaks;
    std::string body, model_text;
    std::uint64_t prompt, output;
  } cases[] = {
      {claude, claude_answer(), "\"claude-sonnet-5-5\"", 4629, 80},
      {chat, chat_answer(), "\"gpt-x\"", 4117, 30},
      {responses, responses_answer(), "\"gpt-x\"", 4117, 143},
  };
  for (const auto& [speaks, text, model_text, prompt, output] : cases) {
    SCOPED_TRACE(to_text(speaks));
    const auto body = padded(text);
    const auto facts = read_answer(speaks, body);
    ASSERT_TRUE(facts);
    ASSERT_TRUE(facts->model_value);
    EXPECT_EQ(body.substr(facts->model_value->offset, facts->model_value->size), model_text);
    EXPECT_EQ(facts->tokens.prompt(), prompt);
    EXPECT_EQ(facts->tokens.output, output);
  }
}

TEST(convert_answer, refuses_broken_text_that_its_reader_steps_over) {
  auto text = claude_answer();
  const auto at = text.find('[', text.find("\"content\""));
  ASSERT_NE(at, std::string::npos);
  text.insert(at + 1, "\"x\":");
  EXPECT_FALSE(convert_answer(padded(text), memory_of(chat, claude)));
  EXPECT_TRUE(convert_answer(padded(claude_answer()), memory_of(chat, claude)));
}

TEST(convert_answer, takes_every_entry_for_a_call_of_its_own) {
  const auto f = std::string{R"("function":{"name":"f","arguments":"{}"})"};
  const struct {
    std::string head, first, second;
  } cases[] = {
      {R"("index":0,"id":"",)", "call_gw_0", "call_gw_1"},
      {R"("index":0,)", "call_gw_0", "call_gw_1"},
      {R"("id":"a",)", "a", "call_gw_1"},
      {R"("index":0,"id":"a",)", "a", "call_gw_1"},
  };
  for (const auto& [head, first, second] : cases) {
    SCOPED_TRACE(head);
    const auto entry = "{" + head + f + "}";
    const auto content = convert(
        chat, claude, completion(R"({"tool_calls":[)" + entry + "," + entry + "]}"))["content"];
    ASSERT_EQ(content.size(), 2u);
    EXPECT_EQ(content[0]["id"], first);
    EXPECT_EQ(content[1]["id"], second);
    EXPECT_EQ(content[1]["input"], json::object());
  }
}

TEST(convert_answer, takes_an_incomplete_response_for_one_that_was_cut) {
  for (const auto* const reason : {"max_output_tokens", "max_messages", "a_future_one"})
    EXPECT_EQ(
        convert(responses, claude,
                std::string{R"({"id":"r","status":"incomplete","incomplete_details":{"reason":")"} +
                    reason +
                    R"("},"output":[{"type":"message","content":[{"type":)"
                    R"("output_text","text":"t"}]}]})")["stop_reason"],
        "max_tokens");
}

} // namespace
} // namespace axonhub::llm
