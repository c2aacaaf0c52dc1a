#pragma once

#include "tests/unit/llm/conversion_memory.hpp"
#include "tests/unit/llm/converted.hpp"
#include "tests/unit/llm/padded.hpp"
#include "tests/unit/llm/stream_checker.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

/// The streams that the tests of stream conversion are about.
namespace axonhub::llm {

using testing::IsEmpty;

constexpr auto claude = dialect::anthropic;
constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;
constexpr dialect all_dialects[] = {claude, chat, responses};

struct sample {
  std::string name;
  dialect from;
};

inline std::vector<sample> samples() {
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

inline std::string sample_stream(const std::string& name) {
  return fixture("conversion/" + name + ".sse");
}

/// A chunk of Chat with this delta.
inline std::string chunk(const std::string& delta, const std::string& finish = "null",
                         const std::string& more = "") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[)"
         R"({"index":0,"delta":)" +
         delta + R"(,"finish_reason":)" + finish + "}]" + more + "}\n\n";
}

inline const std::string done = "data: [DONE]\n\n";

inline std::string event(const std::string& type, const std::string& fields = "") {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + (fields.empty() ? "" : ",") +
         fields + "}\n\n";
}

/// Converts, demands a proper stream, and says what it means.
inline answer_meaning meaning_of(dialect from, dialect to, const std::string& stream) {
  const auto result = convert_stream(memory_of(to, from), stream);
  EXPECT_EQ(result.problem, "");
  EXPECT_THAT(check_stream(to, result.stream), IsEmpty()) << result.stream;
  return understand(to, result.stream);
}

using calls = std::vector<answer_meaning::call>;

} // namespace axonhub::llm
