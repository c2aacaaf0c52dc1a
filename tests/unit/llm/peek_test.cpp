#include "llm/peek.hpp"

#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace axonhub::llm {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

checked<request_peek> peek(std::string_view body) { return peek_request(padded(body)); }

std::string repeat(std::string_view text, int times) {
  auto all = std::string{};
  for (auto i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST(peek_request, reads_what_claude_code_sends) {
  const auto body = fixture("anthropic/claude_code_request.json");
  const auto expected = json::parse(body);
  const auto seen = peek(body).value();
  EXPECT_EQ(seen.model, expected["model"]);
  EXPECT_EQ(body.substr(seen.model_value.offset, seen.model_value.size), expected["model"].dump());
  EXPECT_EQ(seen.stream, expected["stream"]);
  EXPECT_EQ(seen.max_tokens, expected["max_tokens"]);
  EXPECT_EQ(seen.user_id, expected["metadata"]["user_id"]);
  EXPECT_TRUE(seen.server_tools.empty());
}

TEST(peek_request, reads_each_key_that_routing_needs) {
  const auto seen = peek(R"( {"tools":[{"name":"a","input_schema":{"type":"object"}},
      {"type":"custom","name":"b"},{"type":"function","function":{}},"odd",null,
      {"type":"web_search_20250305","name":"web_search"},{"name":"c","type":"bash_20250124"}],
      "prompt_cache_key":"k1","max_completion_tokens":7,"stream":true,"model" : "gpt-x"  } )");
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->model, "gpt-x");
  EXPECT_EQ(seen->model_value.size, 7u);
  EXPECT_TRUE(seen->stream);
  EXPECT_EQ(seen->max_tokens, 7u);
  EXPECT_EQ(seen->prompt_cache_key, "k1");
  EXPECT_THAT(seen->server_tools, ElementsAre("web_search_20250305", "bash_20250124"));
}

TEST(peek_request, agrees_with_a_second_parser_on_odd_but_valid_bodies) {
  const auto deep = repeat("[", 500) + repeat("]", 500);
  const auto long_text = std::string(1024 * 1024, 'x');
  const std::string cases[] = {
      R"({"model":"m"})",
      "\r\n\t {\"model\"\n:\t\"m\" }\n\n",
      R"({"mod\u0065l":"m"})",
      R"({"\u006d\u006F\u0064\u0065\u006c":"a\"b\\c\/\u00e9\ud83d\ude00"})",
      R"({"models":"x","Model":"y","model":"m","modelx":1})",
      R"({"a":{"model":"inner","stream":true},"model":"m"})",
      R"({"model":"m","stream":false,"max_tokens":9007199254740993})",
      R"({"model":"m","stream":null,"max_tokens":null,"metadata":null})",
      R"({"model":"m","max_tokens":18446744073709551615})",
      R"({"model":"m","metadata":{"user_id":"u \"quoted\" \u00fc","x":{"user_id":"no"}}})",
      R"({"model":"m","metadata":{"user_id":"\"{\\\"session_id\\\":\\\"s\\\"}\""}})",
      R"({"model":"m","x":"} ] , \" : {"})",
      R"({"model":"m","x":1e400,"y":-0.0,"z":[]})",
      R"({"model":"m","":0,"x":{"":{}}})",
      R"({"x":)" + deep + R"(,"model":"m"})",
      R"({"x":")" + long_text + R"(","model":"m","metadata":{"user_id":")" + long_text + R"("}})",
      "{\"model\":\"m\\u0000n\"}",
      "{\"model\":\"Grüße 🎈\"}",
  };
  for (const auto& body : cases) {
    SCOPED_TRACE(body.substr(0, 80));
    const auto seen = peek(body);
    ASSERT_TRUE(seen) << seen.error().message;
    // 1e400 is a number by the grammar, which nlohmann refuses to hold.
    const auto other = json::parse(body, nullptr, false);
    if (other.is_discarded()) {
      EXPECT_EQ(seen->model, "m");
      continue;
    }
    EXPECT_EQ(seen->model, other["model"]);
    EXPECT_EQ(json::parse(body.substr(seen->model_value.offset, seen->model_value.size)),
              other["model"]);
    EXPECT_EQ(seen->stream, other.contains("stream") && other["stream"] == true);
    const auto limit = other.value("max_tokens", json{});
    EXPECT_EQ(seen->max_tokens.has_value(), limit.is_number_unsigned());
    EXPECT_EQ(json(seen->max_tokens.value_or(0)), limit.is_number_unsigned() ? limit : json(0));
    const auto user = other.contains("metadata") && other["metadata"].is_object()
                          ? other["metadata"].value("user_id", "")
                          : "";
    EXPECT_EQ(seen->user_id, user);
  }
}

TEST(peek_request, refuses_with_a_text_for_the_client) {
  const struct {
    std::string_view name, body, text;
  } cases[] = {
      {"nothing", "", "empty"},
      {"blanks", " \n ", "empty"},
      {"a list", R"([{"model":"m"}])", "must be a JSON object"},
      {"a text", R"("model")", "must be a JSON object"},
      {"a number", "1", "must be a JSON object"},
      {"truncated", R"({"model":"m","messages":[{"role":"user")", "not valid JSON"},
      {"truncated in a text", R"({"model":"m","x":"abc)", "not valid JSON"},
      {"truncated after the value", R"({"model":"m")", "not valid JSON"},
      {"too few brackets", R"({"model":"m","x":[[1]})", "not valid JSON"},
      {"a trailing comma", R"({"model":"m",})", "not valid JSON"},
      {"no comma", R"({"model":"m" "stream":true})", "not valid JSON"},
      {"no colon", R"({"model" "m"})", "not valid JSON"},
      {"no value", R"({"x":,"model":"m"})", "not valid JSON"},
      {"a second object", R"({"model":"m"}{"model":"n"})", "not valid JSON"},
      {"a second object on a line", "{\"model\":\"m\"}\n{}", "not valid JSON"},
      {"text behind", R"({"model":"m"} x)", "not valid JSON"},
      {"a bracket behind", R"({"model":"m"}})", "not valid JSON"},
      {"a NUL behind", {"{\"model\":\"m\"}\0", 14}, "not valid JSON"},
      {"a raw line feed in a text", "{\"model\":\"m\n\"}", "not valid JSON"},
      {"a broken value we read", R"({"model":"m","metadata":{"user_id" 1}})", "not valid JSON"},
      {"Latin-1", "{\"model\":\"m\",\"x\":\"\xE9\"}", "UTF-8"},
      {"an overlong sequence", "{\"model\":\"m\",\"x\":\"\xC0\xAF\"}", "UTF-8"},
      {"a surrogate as bytes", "{\"model\":\"m\",\"x\":\"\xED\xA0\x80\"}", "UTF-8"},
      {"a BOM", "\xEF\xBB\xBF{\"model\":\"m\"}", "byte order mark"},
      {"no model", R"({"stream":true})", "model: field required"},
      {"an empty object", "{}", "model: field required"},
      {"an empty model", R"({"model":""})", "model: must be"},
      {"a null model", R"({"model":null})", "model: must be"},
      {"a number as model", R"({"model":1})", "model: must be"},
      {"a list as model", R"({"model":["m"]})", "model: must be"},
      {"a lone surrogate as model", R"({"model":"\ud800"})", "model: must be"},
      {"a lone low surrogate as model", R"({"model":"a\udc00"})", "model: must be"},
      {"a bad escape in the model", R"({"model":"\x41"})", "model: must be"},
      {"two models", R"({"model":"m","model":"m"})", "model: the key comes twice"},
      {"two spellings", R"({"model":"m","mod\u0065l":"n"})", "model: the key comes twice"},
      {"two streams", R"({"model":"m","stream":true,"stream":false})", "stream: the key"},
      {"two limits", R"({"model":"m","max_tokens":1,"max_tokens":2})", "max_tokens: the key"},
      {"two metadata", R"({"metadata":{},"model":"m","metadata":{}})", "metadata: the key"},
      {"two tools", R"({"tools":[],"model":"m","tools":[]})", "tools: the key"},
      {"two conversations", R"({"messages":[],"model":"m","messages":[]})", "messages: the key"},
      {"two inputs", R"({"input":[],"model":"m","input":"x"})", "input: the key"},
      {"two users", R"({"model":"m","metadata":{"user_id":"a","user_id":"b"}})", "user_id: the"},
      {"a text as stream", R"({"model":"m","stream":"true"})", "stream: must be"},
      {"a number as stream", R"({"model":"m","stream":1})", "stream: must be"},
      {"a misspelt stream", R"({"model":"m","stream":truely})", "stream: must be"},
      {"a misspelt null as stream", R"({"model":"m","stream":nul})", "stream: must be"},
      {"an object as stream", R"({"model":"m","stream":{}})", "stream: must be"},
  };
  for (const auto& [name, body, text] : cases) {
    SCOPED_TRACE(name);
    const auto seen = peek(body);
    ASSERT_FALSE(seen);
    EXPECT_THAT(seen.error().message, HasSubstr(text));
  }
}

TEST(peek_request, refuses_a_model_name_beyond_reason) {
  EXPECT_TRUE(peek(R"({"model":")" + std::string(512, 'm') + "\"}"));
  EXPECT_FALSE(peek(R"({"model":")" + std::string(513, 'm') + "\"}"));
}

TEST(peek_request, refuses_every_truncation_of_a_body) {
  const auto body = fixture("anthropic/claude_code_request.json");
  const auto whole = body.substr(0, body.rfind('}'));
  for (auto size = std::size_t{0}; size < whole.size(); ++size)
    EXPECT_FALSE(peek(std::string_view{whole}.substr(0, size))) << size;
}

TEST(peek_request, leaves_what_nobody_reads_to_the_upstream) {
  const std::string_view cases[] = {
      R"({"model":"m","messages":[tru,01,"\x"]})",
      R"({"model":"m","x":nul})",
      R"({"model":"m","x":{"a":1 "b"}})",
      R"({"model":"m","x":"\ud800"})",
      R"({"\ud800":1,"model":"m"})",
      R"({"\q":1,"model":"m"})",
      R"({"model":"m","x":[1,2}})",
  };
  for (const auto body : cases)
    EXPECT_TRUE(peek(body)) << body;
}

TEST(peek_request, takes_other_types_than_expected_as_absent) {
  const auto seen =
      peek(R"({"model":"m","max_tokens":1.5,"metadata":"x","tools":{},"prompt_cache_key":1})");
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_FALSE(seen->max_tokens);
  EXPECT_EQ(seen->user_id, "");
  EXPECT_EQ(seen->prompt_cache_key, "");
  EXPECT_EQ(peek(R"({"model":"m","metadata":{"user_id":7}})")->user_id, "");
  EXPECT_EQ(peek(R"({"model":"m","metadata":{"user_id":"\udfff"}})")->user_id, "");
  EXPECT_FALSE(peek(R"({"model":"m","max_tokens":-1})")->max_tokens);
  EXPECT_FALSE(peek(R"({"model":"m","max_tokens":"5"})")->max_tokens);
  EXPECT_FALSE(peek(R"({"model":"m","max_tokens":18446744073709551616})")->max_tokens);
}

TEST(peek_request, forgets_the_body_before) {
  EXPECT_TRUE(peek(R"({"model":"m","stream":true,"metadata":{"user_id":"u"}})"));
  EXPECT_FALSE(peek("{"));
  const auto seen = peek(R"({"model":"n"})").value();
  EXPECT_FALSE(seen.stream);
  EXPECT_EQ(seen.user_id, "");
}

} // namespace
} // namespace axonhub::llm
