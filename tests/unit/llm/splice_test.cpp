#include "llm/splice.hpp"

#include "tests/unit/llm/padded.hpp"

#include <nlohmann/json.hpp>

namespace axonhub::llm {
namespace {

std::string joined(const spliced_text& parts) {
  auto all = std::string{parts.before}.append(parts.replacement).append(parts.after);
  EXPECT_EQ(parts.size(), all.size());
  return all;
}

TEST(splice_name, replaces_the_model_and_no_other_byte) {
  const auto body =
      padded("{ \"x\": 1.50, \"model\" :\t\"old\\u0020name\" , \"model2\":\"old\"}\n");
  const auto value = peek_request(body)->model_value;
  EXPECT_EQ(joined(splice_name(body, value, "new")),
            "{ \"x\": 1.50, \"model\" :\t\"new\" , \"model2\":\"old\"}\n");
}

TEST(splice_name, escapes_the_new_name) {
  const auto body = padded(R"({"model":"m"})");
  const auto name = std::string{"a\"b\\c\n\x01 ü"};
  const auto changed = joined(splice_name(body, peek_request(body)->model_value, name));
  EXPECT_EQ(nlohmann::json::parse(changed)["model"], name);
}

} // namespace
} // namespace axonhub::llm
