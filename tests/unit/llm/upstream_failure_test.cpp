#include "llm/upstream_failure.hpp"

#include "tests/unit/llm/padded.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace axonhub::llm {
namespace {

using json = nlohmann::json;

constexpr auto claude = dialect::anthropic;
constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;

std::string claude_error(const std::string& type, const std::string& message) {
  return json{{"type", "error"}, {"error", {{"type", type}, {"message", message}}}}.dump();
}

std::string openai_error(const std::string& type, const std::string& code,
                         const std::string& message) {
  return json{{"error", {{"type", type}, {"code", code}, {"message", message}}}}.dump();
}

/// status, type and code, as the client sees them.
struct seen {
  int status = 0;
  std::string type, code;
  friend bool operator==(const seen&, const seen&) = default;
};

void PrintTo(const seen& s, std::ostream* out) {
  *out << s.status << ' ' << s.type << ' ' << s.code;
}

seen look(dialect to, int status, const std::string& body) {
  const auto converted = convert_error(to, status, body, "req_1");
  const auto whole = json::parse(converted.body);
  if (to == claude) {
    EXPECT_EQ(whole["type"], "error");
    EXPECT_EQ(whole["request_id"], "req_1");
  } else {
    EXPECT_TRUE(whole["error"].contains("param"));
  }
  const auto& error = whole["error"];
  return {converted.status, error["type"],
          error.contains("code") && error["code"].is_string() ? error["code"] : ""};
}

TEST(convert_error, maps_every_row_for_every_dialect) {
  const auto invalid = std::string{"invalid_request_error"};
  const struct {
    std::string name;
    int status;
    std::string body;
    seen for_claude, for_openai;
  } cases[] = {
      {"400", 400, claude_error(invalid, "bad"), {400, invalid, ""}, {400, invalid, ""}},
      {"422", 422, R"({"detail":"bad"})", {400, invalid, ""}, {400, invalid, ""}},
      {"overflow by its code",
       400,
       openai_error(invalid, "context_length_exceeded", "too long"),
       {400, invalid, ""},
       {400, invalid, "context_length_exceeded"}},
      {"overflow by its words",
       400,
       claude_error(invalid, "prompt is too long: 5 tokens > 4 maximum"),
       {400, invalid, ""},
       {400, invalid, "context_length_exceeded"}},
      {"401",
       401,
       claude_error("authentication_error", "x"),
       {500, "api_error", ""},
       {502, "server_error", ""}},
      {"403",
       403,
       openai_error("permission_error", "", "x"),
       {500, "api_error", ""},
       {502, "server_error", ""}},
      {"402",
       402,
       claude_error("billing_error", "x"),
       {429, "rate_limit_error", ""},
       {429, "rate_limit_error", "rate_limit_exceeded"}},
      {"quota",
       429,
       openai_error("insufficient_quota", "insufficient_quota", "x"),
       {429, "rate_limit_error", ""},
       {429, "rate_limit_error", "rate_limit_exceeded"}},
      {"404",
       404,
       openai_error(invalid, "model_not_found", "x"),
       {404, "not_found_error", ""},
       {404, invalid, "model_not_found"}},
      {"409",
       409,
       claude_error("conflict_error", "x"),
       {409, "conflict_error", ""},
       {409, invalid, ""}},
      {"413",
       413,
       claude_error("request_too_large", "x"),
       {413, "request_too_large", ""},
       {413, invalid, ""}},
      {"429",
       429,
       openai_error("requests", "rate_limit_exceeded", "x"),
       {429, "rate_limit_error", ""},
       {429, "rate_limit_error", "rate_limit_exceeded"}},
      {"500",
       500,
       claude_error("api_error", "x"),
       {500, "api_error", ""},
       {502, "server_error", ""}},
      {"502", 502, "", {500, "api_error", ""}, {502, "server_error", ""}},
      {"503", 503, "<html>", {529, "overloaded_error", ""}, {503, "server_error", ""}},
      {"504", 504, "", {504, "timeout_error", ""}, {504, "server_error", ""}},
      {"529",
       529,
       claude_error("overloaded_error", "x"),
       {529, "overloaded_error", ""},
       {503, "server_error", ""}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(look(claude, c.status, c.body), c.for_claude);
    EXPECT_EQ(look(chat, c.status, c.body), c.for_openai);
    EXPECT_EQ(look(responses, c.status, c.body), c.for_openai);
  }
}

TEST(convert_error, takes_every_recorded_error) {
  for (const auto* const name : {"openai", "anthropic"}) {
    const auto list = json::parse(fixture(std::string{name} + "/errors.json"));
    for (const auto& e : list) {
      const auto status = e["http_status"].get<int>();
      for (const auto to : {claude, chat, responses}) {
        const auto converted = convert_error(to, status, e["body"].dump(), "r");
        const auto body = json::parse(converted.body);
        EXPECT_NE(converted.status, 401) << "a client would blame its own key";
        const auto is_reworded =
            status == 401 || status == 403 ||
            e["body"]["error"].value("code", json{}) == "context_length_exceeded";
        EXPECT_EQ(is_reworded || body["error"]["message"] == e["body"]["error"]["message"], true)
            << converted.body;
      }
    }
  }
}

std::string message_of(dialect to, const std::string& said) {
  const auto converted = convert_error(to, 400, openai_error("", "", said), "r");
  return json::parse(converted.body)["error"]["message"];
}

TEST(convert_error, words_an_overflow_so_that_claude_code_compacts) {
  const struct {
    std::string said, expected;
  } cases[] = {
      {"This model's maximum context length is 8192 tokens. However, your messages resulted in "
       "10000 tokens. Please reduce the length of the messages.",
       "prompt is too long: 10000 tokens > 8192 maximum"},
      {"This model's maximum context length is 8,192 tokens, however you requested 10,000 tokens "
       "(6000 in the messages, 4000 in the completion). Please reduce.",
       "input length and `max_tokens` exceed context limit: 6000 + 4000 > 8192, decrease input "
       "length or `max_tokens` and try again"},
      {"This model's maximum context length is 8192 tokens, however you requested 13000 tokens "
       "(9000 in the messages, 4000 in the completion).",
       "prompt is too long: 13000 tokens > 8192 maximum"},
      {"This model's maximum context length is 128000 tokens. However, you requested 130012 tokens "
       "(100000 in the messages, 26012 in the functions, and 4000 in the completion).",
       "input length and `max_tokens` exceed context limit: 126012 + 4000 > 128000, decrease "
       "input length or `max_tokens` and try again"},
      {"This model's maximum context length is 8192 tokens, however you requested 10000 tokens "
       "(3000 in the messages, 4000 in the completion, 3000 elsewhere).",
       "prompt is too long: 10000 tokens > 8192 maximum"},
      {"This endpoint's maximum context length is 131072 tokens. However, you requested about "
       "132000 tokens (100000 of text input, 32000 in the output). Please reduce the length of "
       "either one, or use the \"middle-out\" transform.",
       "input length and `max_tokens` exceed context limit: 100000 + 32000 > 131072, decrease "
       "input length or `max_tokens` and try again"},
      {"This endpoint's maximum context length is 131072 tokens. However, you requested about "
       "140000 tokens (100000 of text input, 8000 of tool input, 32000 in the output).",
       "input length and `max_tokens` exceed context limit: 108000 + 32000 > 131072, decrease "
       "input length or `max_tokens` and try again"},
      {"Invalid request: Your request exceeded model token limit: 131072 (requested: 150000)",
       "prompt is too long: 150000 tokens > 131072 maximum"},
      {"This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
       "prompt is too long: 537812 tokens > 131072 maximum"},
      {"Input is too long for requested model.",
       "prompt is too long: Input is too long for requested model."},
      {"Range of input length should be [1, 129024]",
       "prompt is too long: Range of input length should be [1, 129024]"},
      {"request (10000 tokens) exceeds the available context size (8192 tokens), try increasing it",
       "prompt is too long: 10000 tokens > 8192 maximum"},
      {"Prompt exceeds max length", "prompt is too long: Prompt exceeds max length"},
      {"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
       "prompt is too long: 1200000 tokens > 1048576 maximum"},
      {"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum "
       "context length",
       "prompt is too long: 40000 tokens > 32768 maximum"},
      {"Requested token count exceeds the model's maximum context length of 8192 tokens. You "
       "requested a total of 10000 tokens: 6000 tokens from the input messages and 4000 tokens for "
       "the completion.",
       "input length and `max_tokens` exceed context limit: 6000 + 4000 > 8192, decrease input "
       "length or `max_tokens` and try again"},
      {"'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context "
       "length is 32768 tokens and your request has 5000 input tokens (32000 > 32768 - 5000).",
       "input length and `max_tokens` exceed context limit: 5000 + 32000 > 32768, decrease input "
       "length or `max_tokens` and try again"},
      {"prompt is too long: 9 tokens > 8 maximum", "prompt is too long: 9 tokens > 8 maximum"},
      {"input length and `max_tokens` exceed context limit: 1 + 2 > 2, decrease",
       "input length and `max_tokens` exceed context limit: 1 + 2 > 2, decrease"},
      {"Your input exceeds the context window of this model.",
       "prompt is too long: Your input exceeds the context window of this model."},
  };
  for (const auto& [said, expected] : cases) {
    EXPECT_EQ(message_of(claude, said), expected);
    EXPECT_EQ(message_of(chat, said), said);
  }
}

TEST(convert_error, wraps_what_is_no_error_object) {
  const auto text = [](const std::string& body) {
    return json::parse(convert_error(chat, 500, body, "r").body)["error"]["message"]
        .get<std::string>();
  };
  EXPECT_EQ(text(""), "The upstream answered HTTP 500");
  EXPECT_EQ(text("<html>no</html>"), "The upstream answered HTTP 500 with a page: <html>no</html>");
  EXPECT_EQ(text("oops \xFF"), "The upstream answered HTTP 500: oops \xEF\xBF\xBD");
  EXPECT_LE(text(std::string(9000, 'x')).size(), 2048u);
  auto wide = std::string{};
  for (auto i = 0; i < 3000; ++i)
    wide += "é";
  EXPECT_EQ(text(wide).find("\xEF\xBF\xBD"), std::string::npos) << "cut inside a character";
}

TEST(convert_error, masks_keys) {
  EXPECT_EQ(
      message_of(chat, "Incorrect API key provided: sk-abc***************xyz. See a task-list"),
      "Incorrect API key provided: sk-***. See a task-list");
}

TEST(event_for, gives_a_failed_response_its_number_and_a_code_that_codex_knows) {
  const struct {
    upstream_trouble trouble;
    std::string_view code;
  } cases[] = {
      {upstream_trouble::context_overflow, "context_length_exceeded"},
      {upstream_trouble::quota, "rate_limit_exceeded"},
      {upstream_trouble::invalid_request, "invalid_prompt"},
      {upstream_trouble::overloaded, "server_error"},
  };
  for (const auto& [trouble, code] : cases) {
    const auto event = event_for(dialect::openai_responses, {trouble, "m"}, "r", 7);
    EXPECT_TRUE(event.starts_with("event: response.failed\n"));
    const auto data = json::parse(event.substr(event.find('{')));
    EXPECT_EQ(data["sequence_number"], 7);
    EXPECT_EQ(data["response"]["error"]["code"], code);
  }
}

TEST(judge_error, knows_the_kinds_inside_a_stream) {
  const struct {
    upstream_error said;
    upstream_trouble expected;
  } cases[] = {
      {{"overloaded_error", "", ""}, upstream_trouble::overloaded},
      {{"server_error", "", ""}, upstream_trouble::broken},
      {{"", "", "server_error"}, upstream_trouble::broken},
      {{"", "", "rate_limit_exceeded"}, upstream_trouble::rate_limit},
      {{"invalid_request_error", "", ""}, upstream_trouble::invalid_request},
      {{"", "", "context_length_exceeded"}, upstream_trouble::context_overflow},
      {{"", "", ""}, upstream_trouble::broken},
      {{"tokens", "", "rate_limit_exceeded"}, upstream_trouble::rate_limit},
      {{"invalid_request_error", "", "model_not_found"}, upstream_trouble::model_not_found},
      {{"rate_limit_error", "", "insufficient_quota"}, upstream_trouble::quota},
      {{"", "", "", 429}, upstream_trouble::rate_limit},
      {{"invalid_request_error", "", "429", 429}, upstream_trouble::rate_limit},
  };
  for (const auto& [said, expected] : cases)
    EXPECT_EQ(judge_error(0, said).trouble, expected) << said.type << said.code;
}

} // namespace
} // namespace axonhub::llm
