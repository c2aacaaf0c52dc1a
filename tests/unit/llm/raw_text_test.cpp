#include "llm/json_raw.hpp"

#include "llm/client_tool.hpp"
#include "llm/json_check.hpp"

#include <gtest/gtest.h>

namespace axonhub::llm {
namespace {

TEST(raw_text, knows_valid_escapes) {
  for (const auto* const inner : {"", "plain", R"(\"\\\/\b\f\n\r\t)", R"(\u00e9\uD83C)", R"(\\q)"})
    EXPECT_TRUE(has_valid_escapes(inner)) << inner;
  for (const auto* const inner : {R"(\q)", R"(\)", R"(\u12)", R"(\u12g4)", R"(a\\\x)", R"(\U1234)"})
    EXPECT_FALSE(has_valid_escapes(inner)) << inner;
}

TEST(raw_text, unescapes_what_it_says) {
  const struct {
    raw_text inner;
    std::string_view said;
  } cases[] = {
      {R"(a\"b\\c\/\n\r\t)", "a\"b\\c/\n\r\t"},
      {R"(\u0041\u00e9\u20ac\ud83c\udf0d)", "Aé€🌍"},
      {R"(\ud83c)", "\xEF\xBF\xBD"},
      {R"(\ud83cx\udf0d)", "\xEF\xBF\xBDx\xEF\xBF\xBD"},
      {R"(\ud83c\u0041)",
       "\xEF\xBF\xBD"
       "A"},
  };
  for (const auto& [inner, said] : cases) {
    EXPECT_EQ(unescaped(inner), said) << inner;
  }
}

TEST(json_check, knows_a_whole_object) {
  for (const auto* const text :
       {"{}", " {\n} ", R"({"a":1})", R"({"a":[1,-0.5e+9,0,true,false,null,"x\u00e9",{"b":{}}]})",
        R"({"n":123456789012345678901234567890})", R"({"a":1e999})"})
    EXPECT_TRUE(is_json_object(text)) << text;
  for (const auto* const text : {"",
                                 "[]",
                                 "1",
                                 "{",
                                 "}",
                                 "{}{}",
                                 "{} x",
                                 R"({"a"})",
                                 R"({"a":})",
                                 R"({"a":1,})",
                                 R"({a:1})",
                                 R"({"a":01})",
                                 R"({"a":1.})",
                                 R"({"a":.5})",
                                 R"({"a":-})",
                                 R"({"a":1e})",
                                 R"({"a":tru})",
                                 R"({"a":"\q"})",
                                 "{\"a\":\"\n\"}",
                                 R"({"a":"x})",
                                 R"({"a":[1,]})",
                                 R"({"a":[1})",
                                 "{\"a\":\"\xFF\"}",
                                 R"({"a":+1})",
                                 R"({"a" 1})",
                                 R"({"a":1 "b":2})"})
    EXPECT_FALSE(is_json_object(text)) << text;
}

TEST(json_check, bounds_the_depth) {
  const auto nested = [](int levels) {
    auto text = std::string{"{\"a\":"};
    for (auto i = 0; i < levels; ++i)
      text += '[';
    for (auto i = 0; i < levels; ++i)
      text += ']';
    return text + '}';
  };
  EXPECT_TRUE(is_json_object(nested(500)));
  EXPECT_FALSE(is_json_object(nested(600)));
  EXPECT_FALSE(is_json_object("{\"a\":" + std::string(1000000, '[')));
}

TEST(json_check, finds_a_field) {
  EXPECT_EQ(find_field(R"( {"a":{"input":1}, "input" : "x" ,"b":2})", "input"), "\"x\"");
  EXPECT_EQ(find_field(R"({"a":[1, 2] })", "a"), "[1, 2]");
  EXPECT_EQ(find_field("{}", "a"), "");
}

TEST(client_tool, unwraps_the_text_of_a_custom_tool) {
  EXPECT_EQ(unwrap_input(R"({\"input\":\"a\\nb \\\"c\\\"\"})"), R"(a\nb \"c\")");
  EXPECT_EQ(unwrap_input(R"({\"input\":\"\"})"), "");
  EXPECT_EQ(unwrap_input("{}"), "");
  EXPECT_EQ(unwrap_input(R"({\"patch\":1})"), R"({\"patch\":1})");
  EXPECT_EQ(unwrap_input("free text"), "free text");
}

} // namespace
} // namespace axonhub::llm
