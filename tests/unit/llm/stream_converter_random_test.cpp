#include "llm/stream_converter.hpp"

#include "tests/unit/llm/upstream_streams.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace axonhub::llm {
namespace {

TEST(stream_converter, keeps_the_meaning_there_and_back_again) {
  for (const auto& [name, from] : samples()) {
    for (const auto via : all_dialects) {
      if (via == from || name == "openai-stream-n2" || name == "responses-stream-custom-tool")
        continue;
      SCOPED_TRACE(name + " via " + std::string{to_text(via)});
      const auto there = convert_stream(memory_of(via, from), sample_stream(name));
      const auto back = convert_stream(memory_of(from, via), there.stream);
      EXPECT_THAT(check_stream(from, back.stream), IsEmpty());
      auto first = understand(via, there.stream);
      auto second = understand(from, back.stream);
      EXPECT_EQ(first, second);
    }
  }
}

/// A random Anthropic stream of a few blocks, its texts full of escapes.
std::string random_stream(std::mt19937& random) {
  const auto pick = [&random](int most) {
    return std::uniform_int_distribution<int>{0, most}(random);
  };
  const auto text = [&] {
    static const std::string parts[] = {"a", "\\n",     "\\\"",           "\\\\", "é",
                                        "🌍", "\\u0000", "\\ud83c\\udf0d", "{",    " "};
    auto t = std::string{};
    for (auto n = pick(8); n >= 0; --n)
      t += parts[static_cast<std::size_t>(pick(9))];
    return t;
  };
  const auto input = R"("input_tokens":)" + std::to_string(pick(99)) +
                     R"(,"cache_creation_input_tokens":3,"cache_read_input_tokens":7)";
  auto stream = event("message_start", R"("message":{"id":"m","usage":{)" + input + "}}");
  auto has_tool = false;
  const auto blocks = 1 + pick(4);
  for (auto i = 0; i < blocks; ++i) {
    const auto index = R"("index":)" + std::to_string(i);
    const auto kind = pick(2);
    const auto delta = [&](const std::string& type, const std::string& key, const std::string& t) {
      stream += event("content_block_delta", index + R"(,"delta":{"type":")" + type + R"(",")" +
                                                 key + R"(":")" + t + "\"}");
    };
    if (kind == 0) {
      stream += event("content_block_start",
                      index + R"(,"content_block":{"type":"thinking","thinking":""})");
      delta("thinking_delta", "thinking", text());
      delta("signature_delta", "signature", "c2ln");
    } else if (kind == 1) {
      stream +=
          event("content_block_start", index + R"(,"content_block":{"type":"text","text":""})");
      for (auto n = pick(3); n >= 0; --n)
        delta("text_delta", "text", text());
    } else {
      has_tool = true;
      stream +=
          event("content_block_start", index + R"(,"content_block":{"type":"tool_use","id":"t)" +
                                           std::to_string(i) + R"(","name":"f","input":{}})");
      if (pick(3) > 0) {
        delta("input_json_delta", "partial_json", R"({\"k\": \"\\u00e9)");
        delta("input_json_delta", "partial_json", R"( \\\"q\\\"\", \"n\": 1.0e+40})");
      }
    }
    stream += event("content_block_stop", index);
  }
  return stream +
         event("message_delta", std::string{R"("delta":{"stop_reason":")"} +
                                    (has_tool ? "tool_use" : "end_turn") + R"("},"usage":{)" +
                                    input + R"(,"output_tokens":9})") +
         event("message_stop");
}

TEST(stream_converter, keeps_the_meaning_of_random_answers_through_every_pair) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  for (auto round = 0; round < 200; ++round) {
    const auto stream = random_stream(random);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + "\n" +
                 stream);
    const auto expected = understand(claude, stream);
    for (const auto& [first, second] : {std::pair{chat, responses}, std::pair{responses, chat}}) {
      auto answer = convert_stream(memory_of(first, claude), stream);
      ASSERT_THAT(check_stream(first, answer.stream), IsEmpty());
      ASSERT_EQ(understand(first, answer.stream), expected);
      answer = convert_stream(memory_of(second, first), answer.stream);
      ASSERT_THAT(check_stream(second, answer.stream), IsEmpty());
      ASSERT_EQ(understand(second, answer.stream), expected);
      answer = convert_stream(memory_of(claude, second), answer.stream);
      ASSERT_THAT(check_stream(claude, answer.stream), IsEmpty());
      ASSERT_EQ(understand(claude, answer.stream), expected);
    }
  }
}

/// A stream with some of its events lost, told twice, swapped, cut or with other digits.
std::string damage(const std::string& stream, std::mt19937& random) {
  const auto pick = [&random](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>{0, count - 1}(random);
  };
  auto events = std::vector<std::string>{};
  event_splitter{}.feed(stream, [&events](std::string_view e) { events.emplace_back(e); });
  for (auto faults = 1 + pick(4); faults > 0 && !events.empty(); --faults) {
    const auto at = pick(events.size());
    auto& e = events[at];
    switch (pick(6)) {
      case 0:
        events.erase(events.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), std::string{e});
        break;
      case 2:
        std::swap(e, events[pick(events.size())]);
        break;
      case 3:
        e = e.substr(0, pick(e.size())) + "\n\n";
        break;
      case 4:
        if (const auto digit = e.find_first_of("0123", pick(e.size())); digit != std::string::npos)
          e[digit] = static_cast<char>('0' + pick(4));
        break;
      default:
        e[pick(e.size())] = static_cast<char>(pick(256));
        break;
    }
  }
  auto damaged = std::string{};
  for (const auto& e : events)
    damaged += e;
  return damaged;
}

TEST(stream_converter, writes_a_proper_stream_whatever_the_upstream_says) {
  const auto seed = std::random_device{}();
  auto random = std::mt19937{seed};
  auto ends = std::map<event_kind, int>{};
  for (auto round = 0; round < 40; ++round) {
    for (const auto& [name, from] : samples()) {
      const auto stream = damage(sample_stream(name), random);
      for (const auto to : all_dialects) {
        if (to == from)
          continue;
        auto converter = stream_converter{memory_of(to, from)};
        auto out = std::string{};
        auto last = event_kind::other;
        event_splitter{}.feed(stream, [&](std::string_view e) {
          if (const auto kind = converter.convert(e, out); kind != event_kind::other)
            last = kind;
        });
        if (const auto kind = converter.finish(out); kind != event_kind::other)
          last = kind;
        ++ends[last];
        if (last == event_kind::malformed)
          converter.fail(client_error::api_error, converter.problem(), out);
        auto breaches = check_stream(to, out);
        // What a model calls a tool with is for the client to judge.
        std::erase_if(breaches, [](const std::string& b) {
          return b.find("are an object") != b.npos || b.find("arguments: ") != b.npos;
        });
        ASSERT_THAT(breaches, IsEmpty())
            << "seed " << seed << ", " << name << " to " << to_text(to) << '\n'
            << stream << "\nbecame\n"
            << out;
      }
    }
  }
  EXPECT_GT(ends[event_kind::terminal], 0);
  EXPECT_GT(ends[event_kind::malformed], 0);
  EXPECT_GT(ends[event_kind::error], 0);
  EXPECT_EQ(ends.size(), 3u) << "every stream ends";
}

TEST(stream_converter, brings_a_claude_signature_through_responses_whole) {
  const auto there =
      convert_stream(memory_of(responses, claude), sample_stream("anthropic-stream-tool-use"));
  EXPECT_THAT(
      there.stream,
      testing::HasSubstr(R"("encrypted_content":"gwa1.s:RmFrZVNpZ25hdHVyZUZvckZpeHR1cmVz")"));
}

} // namespace
} // namespace axonhub::llm
