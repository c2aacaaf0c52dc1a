#include "policy/model_facts.hpp"

#include <re2/re2.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace axonhub::policy {
namespace {

using enum llm::effort_level;

struct row {
  const char* pattern; ///< Of the whole name, without a path.
  model_facts facts{};
};

constexpr auto claude_4 =
    model_facts{.max_output_tokens = 64000, .adaptive_thinking = false, .sampling_pair = false};
constexpr auto claude_4_7 = model_facts{.sampling = false,
                                        .max_output_tokens = 128000,
                                        .shows_thoughts = false,
                                        .thinks_when_forced = true};

constexpr model_facts without_formats(model_facts f) {
  f.json_schema = false;
  return f;
}

constexpr model_facts with_limit(std::uint64_t tokens, model_facts f) {
  f.max_output_tokens = tokens;
  return f;
}

constexpr model_facts always_thinking(model_facts f) {
  f.off = llm::thinking_off::never;
  f.efforts = {{low, max}};
  return f;
}

constexpr model_facts unforced(model_facts f) {
  f.forced_tools = false;
  return f;
}

constexpr auto claude_sonnet_5_5 = [] {
  auto f = unforced(claude_4_7);
  f.off = llm::thinking_off::between_tools;
  return f;
}();

constexpr auto claude_4_6 =
    model_facts{.efforts = {{.most = max, .has_minimal = false, .has_xhigh = false}},
                .max_output_tokens = 128000,
                .thinks_when_forced = true,
                .sampling_pair = false};
constexpr auto claude_mythos_preview = [] {
  auto f = always_thinking(claude_4_7);
  f.efforts->has_xhigh = false;
  return f;
}();

/// OpenAI's models before there was an effort.
constexpr model_facts plain_gpt(std::uint64_t limit) {
  return {.reasons = false, .max_output_tokens = limit, .verbosity = false};
}

constexpr model_facts o_series(std::uint64_t limit, llm::effort_range efforts) {
  return {.efforts = efforts,
          .sampling = false,
          .max_output_tokens = limit,
          .stops = false,
          .verbosity = false};
}

constexpr model_facts gpt_5(llm::effort_range efforts) {
  return {.efforts = efforts, .max_output_tokens = 128000, .stops = false};
}

constexpr model_facts gpt_5_0(llm::effort_range efforts) {
  auto f = gpt_5(efforts);
  f.sampling = false;
  return f;
}

constexpr model_facts codex(llm::effort_range efforts) {
  auto f = gpt_5_0(efforts);
  f.verbosity = false;
  return f;
}

constexpr model_facts responses_only(model_facts f) {
  f.needs_responses = true;
  return f;
}

constexpr auto from_none = [](llm::effort_level most) {
  return llm::effort_range{.least = none, .most = most, .has_minimal = false};
};

// The first that fits counts. What may stand before and behind a Claude's name, see to_pattern().
constexpr auto rows = std::to_array<row>({
    {"claude-(?:instant|2|3-(?:opus|sonnet|haiku)).*",
     {.reasons = false, .json_schema = false, .max_output_tokens = 4096}},
    {"claude-3[-.]5.*", {.reasons = false, .json_schema = false, .max_output_tokens = 8192}},
    {"claude-3[-.]7.*",
     {.json_schema = false, .max_output_tokens = 64000, .adaptive_thinking = false}},
    {"claude-opus-4(?:[-.]0)?", with_limit(32000, without_formats(claude_4))},
    {"claude-opus-4[-.]1", with_limit(32000, claude_4)},
    {"claude-[a-z]+-4(?:[-.]0)?", without_formats(claude_4)},
    {"claude-[a-z]+-4[-.][1-5]", claude_4},
    {"claude-[a-z]+-4[-.]6.*", claude_4_6},
    {"claude-[a-z]+-4[-.][7-9].*", claude_4_7},
    {"claude-mythos-preview.*", claude_mythos_preview},
    {"claude-(?:sonnet|opus)-5|claude-haiku-5(?:[-.]5)?", claude_4_7},
    {"claude-(?:fable|mythos)-5", always_thinking(claude_4_7)},
    {"claude-sonnet-5[-.]5", claude_sonnet_5_5},
    {"claude-[a-z]+-[5-9].*", always_thinking(unforced(claude_4_7))},
    {R"(gpt-4\.1.*)", plain_gpt(32768)},
    {"gpt-4o-2024-05-13", plain_gpt(4096)},
    {R"(gpt-4o.*|gpt-4\.5.*|chatgpt-.*|gpt-5(?:\.\d+)?-chat.*)", plain_gpt(16384)},
    {"gpt-4-(?:turbo|1106|0125).*|gpt-3\\.5.*", plain_gpt(4096)},
    {"gpt-4.*", plain_gpt(8192)},
    {"o1-(?:mini|preview).*", {.reasons = false, .stops = false, .verbosity = false}},
    {"o\\d-(?:.*-)?deep-research.*", o_series(100000, {medium, medium})},
    {R"(o\d(?:\D.*)?)", o_series(100000, {low, high})},
    {"gpt-5-pro.*", with_limit(272000, gpt_5_0({high, high}))},
    {R"(gpt-5\.1-codex-max.*|gpt-5\.2-codex.*)", codex({low, xhigh})},
    {R"(gpt-5(?:\.1)?-codex.*)", codex({low, high})},
    {R"(gpt-5(?:[^\d.].*)?)", gpt_5_0({minimal, high})},
    {R"(gpt-5\.3-codex.*)", gpt_5_0({low, xhigh})},
    {R"(gpt-5\.[1-3]-pro.*)", gpt_5_0({medium, xhigh})},
    {R"(gpt-5\.1(?:\D.*)?)", gpt_5(from_none(high))},
    {R"(gpt-5\.[23](?:\D.*)?)", gpt_5(from_none(xhigh))},
    {R"(gpt-(?:5\.(?:[4-9]|\d\d)|[6-9])(?:\..*)?-codex.*)", responses_only(gpt_5_0({low, xhigh}))},
    {R"(gpt-(?:5\.(?:[4-9]|\d\d)|[6-9])(?:\..*)?-pro.*)", responses_only(gpt_5_0({medium, xhigh}))},
    {R"(gpt-5\.[45](?:\D.*)?)", responses_only(gpt_5(from_none(xhigh)))},
    {R"(gpt-(?:5\.(?:[6-9]|\d\d)|[6-9])(?:\D.*)?)", responses_only(gpt_5(from_none(max)))},
    {"gpt-oss.*", {.reasons = true, .efforts = {{low, high}}}},
    {"(?:meta-)?llama.*", {.reasons = false}},
});

/// A Claude's name has perhaps a cloud's words before it and a date, a release or a variant behind:
/// "us.anthropic.claude-3-5-sonnet-20240620-v1:0", "claude-opus-4.7:beta".
std::string to_pattern(std::string_view name) {
  if (!name.starts_with("claude-"))
    return std::string{name};
  return R"((?:.*\.)?(?:)" + std::string{name} + R"()(?:[-@](?:\d{8}|latest|v\d).*|[:\[].*)?)";
}

/// The rows' patterns, compiled once.
const std::vector<std::unique_ptr<re2::RE2>>& patterns() {
  static const auto compiled = [] {
    auto out = std::vector<std::unique_ptr<re2::RE2>>{};
    for (const auto& row : rows)
      out.push_back(std::make_unique<re2::RE2>(to_pattern(row.pattern)));
    return out;
  }();
  return compiled;
}

} // namespace

model_facts facts_of_model(std::string_view upstream_model) {
  auto name = upstream_model.substr(upstream_model.rfind('/') + 1);
  if (constexpr auto tuned = std::string_view{"ft:"}; name.starts_with(tuned))
    name.remove_prefix(tuned.size());
  for (auto i = std::size_t{0}; i < rows.size(); ++i)
    if (re2::RE2::FullMatch({name.data(), name.size()}, *patterns()[i]))
      return rows[i].facts;
  return {};
}

} // namespace axonhub::policy
