#include "llm/token_estimate.hpp"

#include "tests/unit/llm/padded.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <sstream>
#include <vector>

namespace axonhub::llm {
namespace {

constexpr auto both_families = {tokenizer_family::openai, tokenizer_family::claude};

struct sample {
  std::string source;
  std::string text;
  std::uint64_t openai = 0;
  std::uint64_t claude = 0;

  std::uint64_t tokens(tokenizer_family family) const {
    return family == tokenizer_family::openai ? openai : claude;
  }
};

std::vector<sample> read_samples(const std::string& name) {
  auto samples = std::vector<sample>{};
  auto file = std::istringstream{fixture("tokens/" + name + ".jsonl")};
  for (auto line = std::string{}; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    samples.push_back({json["source"], json["text"], json["openai"], json["claude"]});
  }
  return samples;
}

double relative_error(const sample& s, tokenizer_family family) {
  const auto real = static_cast<double>(s.tokens(family));
  return std::abs(static_cast<double>(estimate_text_tokens(s.text, family)) / real - 1);
}

class held_out_samples : public testing::TestWithParam<const char*> {};

TEST_P(held_out_samples, are_estimated_within_the_bounds) {
  const auto samples = read_samples(GetParam());
  ASSERT_GE(samples.size(), 100U);
  for (const auto& s : samples)
    ASSERT_GE(s.text.size(), 2048U) << s.source;
  for (const auto family : both_families) {
    auto errors = std::vector<double>{};
    for (const auto& s : samples)
      errors.push_back(relative_error(s, family));
    std::sort(errors.begin(), errors.end());
    EXPECT_LE(errors[errors.size() / 2], 0.06) << static_cast<int>(family);
    EXPECT_LE(errors[errors.size() * 95 / 100], 0.13) << static_cast<int>(family);
    EXPECT_LE(errors.back(), 0.25) << static_cast<int>(family);
  }
}

INSTANTIATE_TEST_SUITE_P(classes, held_out_samples,
                         testing::Values("english", "code", "json", "cjk"),
                         [](const auto& test) { return std::string{test.param}; });

/// Fails at the first byte whose appending lowers the estimate.
void expect_monotone(const std::string& text) {
  for (const auto family : both_families) {
    auto before = std::uint64_t{0};
    for (auto size = std::size_t{1}; size <= text.size(); ++size) {
      const auto now = estimate_text_tokens(std::string_view{text}.substr(0, size), family);
      ASSERT_GE(now, before) << "at byte " << size << " of: " << text;
      ASSERT_GE(now, 1U);
      before = now;
    }
  }
}

TEST(estimate_text_tokens, never_falls_when_real_text_is_appended) {
  for (const auto* name : {"english", "code", "json", "cjk"}) {
    const auto samples = read_samples(name);
    for (auto i = std::size_t{0}; i < samples.size(); i += 15)
      expect_monotone(samples[i].text);
  }
}

TEST(estimate_text_tokens, never_falls_when_any_bytes_are_appended) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  auto random = std::mt19937{seed};
  constexpr auto pieces = std::array<std::string_view, 24>{
      "a",    "word", "HTTPServer", "é", "中",  "龘", "の",   "ア", "한", "뷁", "🙂", "\xf0\x9f",
      "\xff", "\x80", "\xe4\xb8",   " ", "   ", "\n", "\r\n", "\t", "12", "==", "\"},", "\x01"};
  for (auto round = 0; round < 200; ++round) {
    auto text = std::string{};
    for (auto i = 0; i < 40; ++i)
      text += pieces[random() % pieces.size()];
    expect_monotone(text);
  }
  for (auto round = 0; round < 50; ++round) {
    auto text = std::string(200, '\0');
    for (auto& c : text)
      c = static_cast<char>(random());
    expect_monotone(text);
  }
}

TEST(estimate_text_tokens, is_near_for_short_texts_and_odd_ones) {
  struct {
    std::string_view name;
    std::string text;
    std::uint64_t least;
    std::uint64_t most;
  } cases[] = {
      {"nothing", "", 0, 0},
      {"one letter", "a", 1, 2},
      {"one blank", " ", 1, 1},
      {"a greeting", "Hello, world!", 3, 6},
      {"the start of a character", "\xe4\xb8", 1, 1},
      {"bytes that are no text", std::string(1000, '\xff'), 500, 4000},
      {"a number", "1234567890", 3, 7},
      {"one letter for ever", std::string(10'000, 'a'), 500, 5000},
      {"blanks for ever", std::string(10'000, ' '), 50, 2000},
      {"emoji", "🙂🙂🙂🙂", 4, 16},
  };
  for (const auto& [name, text, least, most] : cases)
    for (const auto family : both_families) {
      const auto tokens = estimate_text_tokens(text, family);
      EXPECT_GE(tokens, least) << name;
      EXPECT_LE(tokens, most) << name;
    }
}

TEST(estimate_text_tokens, grows_with_a_text_of_10_mb) {
  auto text = std::string{};
  while (text.size() < 10'000'000)
    text += "The quick brown fox jumps over the lazy dog, 42 times.\n";
  for (const auto family : both_families) {
    const auto all = estimate_text_tokens(text, family);
    const auto half =
        estimate_text_tokens(std::string_view{text}.substr(0, text.size() / 2), family);
    EXPECT_NEAR(static_cast<double>(all), 2.0 * static_cast<double>(half), 100);
  }
}

TEST(to_count_answer, is_what_anthropic_answers) {
  EXPECT_EQ(to_count_answer(2095), R"({"input_tokens":2095})");
}

} // namespace
} // namespace axonhub::llm
