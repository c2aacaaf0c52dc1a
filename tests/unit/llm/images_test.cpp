#include "llm/images.hpp"

#include "tests/unit/llm/padded.hpp"

#include <gtest/gtest.h>

namespace axonhub::llm {
namespace {

std::string message(const std::string& parts) {
  return R"({"model":"m","messages":[{"role":"user","content":[)" + parts + "]}]}";
}

TEST(holds_images, sees_images_and_not_talk_of_them) {
  const auto shown = std::string{R"({"type":"image","source":{"type":"base64","data":"x"}})"};
  const struct {
    std::string_view name;
    std::string given;
    bool expected;
  } cases[] = {
      {"an image", message(shown), true},
      {"behind a text", message(R"({"type":"text","text":"x"},)" + shown), true},
      {"its type comes last", message(R"({"source":{},"type" : "image"})"), true},
      {"in a result", message(R"({"type":"tool_result","content":[)" + shown + "]}"), true},
      {"in a document",
       message(R"({"type":"document","source":{"type":"content","content":[)" + shown + "]}}"),
       true},
      {"of Chat", message(R"({"type":"image_url","image_url":{"url":"data:"}})"), true},
      {"of Responses",
       R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:"}]}]})",
       true},
      {"in an output",
       R"({"input":[{"type":"function_call_output","output":[{"type":"input_image"}]}]})", true},
      {"in the second message",
       R"({"messages":[{"role":"user","content":"x"},{"content":[)" + shown + "]}]}", true},
      {"a text", message(R"({"type":"text","text":"{\"type\":\"image\"}"})"), false},
      {"a text of one word", message(R"({"type":"text","text":"image"})"), false},
      {"a call's arguments",
       message(R"({"type":"tool_use","input":{"type":"image","content":[{"type":"image"}]}})"),
       false},
      {"a schema", R"({"tools":[{"input_schema":{"type":"image"}}],"messages":[]})", false},
      {"a field of metadata", R"({"metadata":{"type":"image"},"messages":[]})", false},
      {"none", message(R"({"type":"text","text":"x"})"), false},
      {"no messages", R"({"model":"image"})", false},
      {"odd messages", R"({"messages":"image","input":{"type":"image"}})", false},
      {"malformed", R"({"messages":[{"content":[{"type":"imag)", false},
  };
  for (const auto& [name, given, expected] : cases) {
    SCOPED_TRACE(name);
    EXPECT_EQ(holds_images(padded(given)), expected);
  }
}

} // namespace
} // namespace axonhub::llm
