#include "llm/json_raw.hpp"
#include "llm/json_check.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace axonhub::llm {
namespace {

using nlohmann::json;

std::string inside_of(const json& text) {
  const auto quoted = text.dump();
  return quoted.substr(1, quoted.size() - 2);
}

TEST(unescaped, says_what_a_second_parser_says) {
  const std::string cases[] = {
      "",        "plain",       R"(\"\\\/\b\f\n\r\t)", R"(\u0041\u00e9\u20ac\ud83d\ude00)",
      "Grüße 🎈", R"(a\u0000b)", R"(\\u0041)",          R"(\uABCD\uabcd)"};
  for (const auto& inside : cases)
    EXPECT_EQ(unescaped(inside), json::parse('"' + inside + '"').get<std::string>()) << inside;
  EXPECT_EQ(unescaped(R"(\ud800x\udc00)"), "\xEF\xBF\xBDx\xEF\xBF\xBD");
  EXPECT_EQ(unescaped(R"(\ud800\u0041)"),
            "\xEF\xBF\xBD"
            "A");
  for (const std::string_view malformed : {"\\", "\\x", "\\u12", "\\u12g4", "a\\"})
    EXPECT_FALSE(unescaped(malformed)) << malformed;
}

TEST(append_escaped, says_what_a_second_parser_says) {
  auto all = std::string{"Grüße 🎈 \x7F"};
  for (auto c = 1; c < 0x80; ++c)
    all += static_cast<char>(c);
  for (const auto& text : {all, std::string{}, std::string{"x"}, std::string(1, '\0')}) {
    auto out = std::string{"before "};
    append_escaped(out, text);
    EXPECT_EQ(json::parse('"' + out + '"').get<std::string>(), "before " + text);
  }
}

TEST(is_json_object, agrees_with_a_second_parser_on_what_is_nearly_json) {
  const std::string sound[] = {
      R"({"a":1,"b":[true,false,null,-0.5e+3,"x\u00e9\n"],"c":{"d":{}},"e":[]})",
      R"( { "k" : "v" , "n" : [ 1 , 2 ] } )", "{}"};
  constexpr auto bytes = std::string_view{"{}[]\",:\\ \n0123456789.eE+-truefalsenull/u\x01"};
  for (auto seed = 1u; seed <= 4000; ++seed) {
    auto random = std::mt19937{seed};
    const auto pick = [&random](std::size_t below) { return random() % below; };
    auto text = sound[pick(std::size(sound))];
    for (auto changes = pick(3); changes > 0; --changes) {
      const auto at = pick(text.size());
      const auto c = bytes[pick(bytes.size())];
      if (pick(3) == 0)
        text.erase(at, 1);
      else if (pick(2) == 0)
        text.insert(at, 1, c);
      else
        text[at] = c;
    }
    const auto other = json::parse(text, nullptr, false);
    EXPECT_EQ(is_json_object(text), other.is_object()) << "seed " << seed << ": " << text;
  }
}

TEST(is_json_object, takes_numbers_beyond_every_type_and_no_endless_depth) {
  EXPECT_TRUE(is_json_object(R"({"a":1e400,"b":123456789012345678901234567890})"));
  const auto nested = [](std::size_t levels) {
    return "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(is_json_object(nested(500)));
  EXPECT_FALSE(is_json_object(nested(600)));
  EXPECT_FALSE(is_json_object(std::string(1'000'000, '{')));
}

TEST(is_blank, knows_escaped_line_ends) {
  for (const std::string_view inside : {"", " ", "\\n", " \\t\\r "})
    EXPECT_TRUE(is_blank(inside)) << inside;
  for (const auto& inside : {std::string{"x"}, inside_of("\\n"), std::string{"\\u0020"}})
    EXPECT_FALSE(is_blank(inside)) << inside;
}

TEST(mend_surrogates, replaces_halves_and_leaves_pairs) {
  const struct {
    std::string given;
    std::string_view expected;
  } cases[] = {
      {"plain", "plain"},
      {R"(\\ud800)", R"(\\ud800)"},
      {R"(\ud83c\udf0d)", R"(\ud83c\udf0d)"},
      {R"(\ud83c)", R"(\ufffd)"},
      {R"(a\udf0db)", R"(a\ufffdb)"},
      {R"(\ud83c\ud83c\udf0d\n)", R"(\ufffd\ud83c\udf0d\n)"},
      {R"(\ud83c\u0041)", R"(\ufffd\u0041)"},
      {R"(\ud83cx\udf0d)", R"(\ufffdx\ufffd)"},
  };
  for (const auto& [given, expected] : cases) {
    auto text = given;
    const auto count = mend_surrogates(text.data(), text.size());
    EXPECT_EQ(text, expected);
    EXPECT_EQ(count == 0, given == expected);
  }
}

TEST(mend_inner_surrogates, leaves_halves_that_another_text_may_complete) {
  const struct {
    std::string given;
    std::string_view expected;
  } cases[] = {
      {R"({"a":"\udf0dx\ud83c"})", R"({"a":"\udf0dx\ud83c"})"},
      {R"(["\ud83c","\udf0d"])", R"(["\ud83c","\udf0d"])"},
      {R"(["x\udf0d"])", R"(["x\ufffd"])"},
      {R"(["\ud83cx"])", R"(["\ufffdx"])"},
      {R"(["\"\udf0d"])", R"(["\"\ufffd"])"},
      {R"(["\n\"\udf0d\ud83c\"x"])", R"(["\n\"\ufffd\ufffd\"x"])"},
      {R"(["\ud83c\udf0d"])", R"(["\ud83c\udf0d"])"},
  };
  for (const auto& [given, expected] : cases) {
    auto text = given;
    EXPECT_EQ(mend_inner_surrogates(text.data(), text.size()) == 0, given == expected);
    EXPECT_EQ(text, expected);
  }
}

} // namespace
} // namespace axonhub::llm
