#include "tests/unit/llm/padded.hpp"

#include "llm/image_size.hpp"
#include "llm/token_estimate.hpp"
#include "llm/token_overheads.hpp"

#include <initializer_list>
#include <string>

namespace axonhub::llm {
namespace {

using namespace std::string_view_literals;

std::string to_base64(std::string_view bytes) {
  constexpr auto digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"sv;
  auto text = std::string{};
  auto at = [bytes](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
  };
  for (auto i = std::size_t{0}; i < bytes.size(); i += 3) {
    const auto group = at(i) << 16U | at(i + 1) << 8U | at(i + 2);
    for (auto shift : {18U, 12U, 6U, 0U})
      text += digits[group >> shift & 63U];
  }
  return text;
}

const auto png = to_base64("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58\x08\x06\0\0"sv);
const auto gif = to_base64("GIF89a\x40\x01\xf0\x00\x80\0\0"sv);
// A segment of 300 bytes lies before the frame.
const auto jpeg = to_base64(std::string{"\xff\xd8\xff\xe0\x01\x2c"sv} + std::string(298, 'x') +
                            std::string{"\xff\xff\xc2\0\x11\x08\x04\x00\x06\x00\x03\x01"sv});

TEST(read_image_size, knows_the_formats) {
  struct {
    std::string_view name;
    std::string base64;
    std::uint32_t width;
    std::uint32_t height;
  } cases[] = {
      {"png", png, 800, 600},
      {"gif", gif, 320, 240},
      {"jpeg", jpeg, 1536, 1024},
      {"a cut png", png.substr(0, 20), 0, 0},
      {"a cut jpeg", jpeg.substr(0, 100), 0, 0},
      {"no image", to_base64("just some words"), 0, 0},
      {"no base64", "\x89PNG !", 0, 0},
      {"nothing", "", 0, 0},
  };
  for (const auto& [name, base64, width, height] : cases) {
    SCOPED_TRACE(name);
    const auto size = read_image_size(base64).value_or(image_size{});
    EXPECT_EQ(size.width, width);
    EXPECT_EQ(size.height, height);
  }
}

TEST(image_tokens, follow_the_published_formulas) {
  EXPECT_EQ(image_tokens(png, false, tokenizer_family::claude), 800U * 600 / 750);
  EXPECT_EQ(image_tokens(jpeg, false, tokenizer_family::claude), 1600U);
  EXPECT_EQ(image_tokens("", false, tokenizer_family::claude), 1500U);
  EXPECT_EQ(image_tokens(png, false, tokenizer_family::openai), 85U + 170 * 2 * 2);
  EXPECT_EQ(image_tokens(gif, false, tokenizer_family::openai), 85U + 170);
  EXPECT_EQ(image_tokens(jpeg, false, tokenizer_family::openai), 85U + 170 * 3 * 2);
  EXPECT_EQ(image_tokens(jpeg, true, tokenizer_family::openai), 85U);
  EXPECT_EQ(image_tokens("", false, tokenizer_family::openai), 765U);
}

std::uint64_t estimate(dialect d, std::string_view body, tokenizer_family f) {
  return estimate_request_tokens(d, padded(body), f);
}

std::uint64_t texts(std::initializer_list<std::string_view> parts, tokenizer_family f) {
  auto sum = std::uint64_t{0};
  for (const auto part : parts)
    sum += estimate_text_tokens(part, f);
  return sum;
}

constexpr auto claude = tokenizer_family::claude;
constexpr auto openai = tokenizer_family::openai;

TEST(estimate_request_tokens, counts_what_a_messages_request_says) {
  const auto& o = overheads_of(claude);
  const auto body = R"({"model":"m","max_tokens":99,"metadata":{"user_id":"not for the model"},
    "system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
    "messages":[{"role":"user","content":"What is\nhere?"},
      {"role":"assistant","content":[{"type":"thinking","thinking":"I look.","signature":"c2VhbGVkIHNlYWw="},
        {"type":"redacted_thinking","data":"c2VhbGVk"},
        {"type":"tool_use","id":"toolu_01","name":"list_files","input":{"path":"/srv"}}]},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","content":[{"type":"text","text":"a.txt"}]}]}],
    "tools":[{"name":"list_files","description":"Lists files.","input_schema":{"type":"object"}}]})";
  EXPECT_EQ(estimate(dialect::anthropic, body, claude),
            texts({"Be brief.", "What is\nhere?", "I look.", "list_files", R"({"path":"/srv"})",
                   "a.txt", "list_files", "Lists files.", R"({"type":"object"})"},
                  claude) +
                o.request + 3 * o.message + 2 * o.call + o.tools + o.tool);
}

TEST(estimate_request_tokens, counts_what_a_chat_request_says) {
  const auto& o = overheads_of(openai);
  const auto body =
      R"({"model":"m","user":"nobody","messages":[{"role":"system","content":"Be brief."},
      {"role":"user","content":[{"type":"text","text":"Look."},{"type":"input_audio","input_audio":{"data":"","format":"wav"}}]},
      {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"ls","arguments":"{\"a\":1}"}}]},
      {"role":"tool","tool_call_id":"call_1","content":"a.txt"}],
    "tools":[{"type":"function","function":{"name":"ls","description":"Lists.","parameters":{"type":"object"}}}],
    "response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"array"}}}})";
  EXPECT_EQ(estimate(dialect::openai_chat, body, openai),
            texts({"Be brief.", "Look.", "ls", R"({"a":1})", "a.txt", "ls", "Lists.",
                   R"({"type":"object"})", R"({"type":"array"})"},
                  openai) +
                o.request + 4 * o.message + 2 * o.call + o.tools + o.tool);
}

TEST(estimate_request_tokens, counts_what_a_responses_request_says) {
  const auto& o = overheads_of(openai);
  const auto body = R"({"model":"m","instructions":"Be brief.","input":[
      {"type":"message","role":"user","content":[{"type":"input_text","text":"Look."}]},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"c2VhbGVk"},
      {"type":"function_call","call_id":"c","name":"ls","arguments":"{}"},
      {"type":"function_call_output","call_id":"c","output":"a.txt"}],
    "tools":[{"type":"function","name":"ls","description":"Lists.","parameters":{"type":"object"},"strict":false},
             {"type":"namespace","name":"n","description":"Many.","tools":[{"type":"function","name":"cp"}]},
             {"type":"web_search"}]})";
  EXPECT_EQ(estimate(dialect::openai_responses, body, openai),
            texts({"Be brief.", "Look.", "Hm.", "ls", "{}", "a.txt", "ls", "Lists.",
                   R"({"type":"object"})", "n", "Many.", "cp"},
                  openai) +
                o.request + 4 * o.message + 2 * o.call + o.tools + 4 * o.tool + o.hosted);
  EXPECT_EQ(estimate(dialect::openai_responses, R"({"model":"m","input":"Hello"})", openai),
            texts({"Hello"}, openai) + o.request + o.message);
}

TEST(estimate_request_tokens, never_counts_base64_as_text) {
  const auto data = std::string(400'000, 'Q');
  struct {
    std::string_view name;
    dialect d;
    std::string block;
    std::uint64_t expected;
  } cases[] = {
      {"image", dialect::anthropic,
       R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" + data +
           R"("}})",
       1500},
      {"image with its data first", dialect::anthropic,
       R"({"source":{"data":")" + png +
           R"(","media_type":"image/png","type":"base64"},"type":"image"})",
       640},
      {"pdf", dialect::anthropic,
       R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":")" +
           data + R"("}})",
       14'000},
      {"image at an address", dialect::anthropic,
       R"({"type":"image","source":{"type":"url","url":"https://example.com/a.png"}})", 1500},
      {"image in chat", dialect::openai_chat,
       R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" + png + R"("}})", 640},
      {"image in responses", dialect::openai_responses,
       R"({"type":"input_image","image_url":"data:image/webp;base64,)" + data + R"("})", 1500},
      {"file in chat", dialect::openai_chat,
       R"({"type":"file","file":{"file_data":"data:application/pdf;base64,)" + data + R"("}})",
       14'000},
  };
  for (const auto& [name, d, block, expected] : cases) {
    SCOPED_TRACE(name);
    const auto key = d == dialect::openai_responses ? "input" : "messages";
    const auto body =
        std::string{"{\""} + key + R"(":[{"role":"user","content":[)" + block + "]}]}";
    EXPECT_EQ(estimate(d, body, claude),
              expected + overheads_of(claude).request + overheads_of(claude).message);
  }
}

TEST(estimate_request_tokens, takes_text_documents_and_search_results_as_text) {
  const auto body = R"({"messages":[{"role":"user","content":[
    {"type":"document","source":{"type":"text","media_type":"text/plain","data":"Some words."}},
    {"type":"document","source":{"type":"content","content":[{"type":"text","text":"More words."}]}},
    {"type":"search_result","source":"https://example.com","title":"Page","content":[{"type":"text","text":"Last words."}]}]}]})";
  EXPECT_EQ(estimate(dialect::anthropic, body, claude),
            texts({"Some words.", "More words.", "Page", "Last words."}, claude) + 7);
}

TEST(estimate_request_tokens, takes_a_quarter_of_the_bytes_of_a_broken_body) {
  for (const auto d : {dialect::anthropic, dialect::openai_chat, dialect::openai_responses}) {
    EXPECT_EQ(estimate(d, "", claude), 1U);
    EXPECT_EQ(estimate(d, R"({"messages":[{"role":"user","content":"cut sh)", claude), 11U);
    EXPECT_EQ(estimate(d, "\xff\xff\xff\xff\xff\xff\xff\xff", claude), 2U);
    EXPECT_EQ(estimate(d, "[1,2,3,4]", openai), 2U);
    EXPECT_GE(estimate(d, "{}", openai), 1U);
  }
}

TEST(estimate_request_tokens, survives_values_of_other_types_and_depth) {
  for (const auto d : {dialect::anthropic, dialect::openai_chat, dialect::openai_responses})
    for (const auto* value : {"null", "1", "true", "\"x\"", "[]", "{}", "[[[1]]]", "{\"source\":1}",
                              "[{\"source\":{\"data\":[]}},{\"image_url\":{\"url\":{}}},7,"
                              "{\"input\":null,\"file_data\":[],\"type\":{},\"name\":[[]]}]"})
      for (const auto* key : {"messages", "input", "tools", "system", "instructions", "functions",
                              "response_format", "text", "output_config"})
        EXPECT_GE(estimate(d, std::string{"{\""} + key + "\":" + value + "}", claude), 1U)
            << key << value;
  auto deep = std::string{R"({"messages":)"};
  deep += std::string(900, '[') + "\"x\"" + std::string(900, ']') + "}";
  EXPECT_GE(estimate(dialect::anthropic, deep, claude), 1U);
}

TEST(estimate_request_tokens, reads_what_claude_code_sends) {
  const auto body = padded(fixture("anthropic/claude_code_request.json"));
  const auto tokens = estimate_request_tokens(dialect::anthropic, body, claude);
  // An image without a readable size, the text about tools, and some hundred of words.
  EXPECT_GT(tokens, 1500U + 346 + 150);
  EXPECT_LT(tokens, 1500U + 346 + 600);
}

} // namespace
} // namespace axonhub::llm
