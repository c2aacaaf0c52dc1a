#include "policy/model_facts.hpp"

#include <re2/re2.h>

#include <array>
#include <memory>
#include <vector>

namespace axonhub::policy {
namespace {

using enum llm::effort_level;

struct row {
  const char* pattern; ///< Of the whole name, without a path.
  model_facts facts{};
};

// The first that fits counts. Claude's names have a version and perhaps a date or a release behind
// it, and a cloud's words before it: "us.anthropic.claude-3-5-sonnet-20240620-v1:0".
constexpr auto rows = std::to_array<row>({
    {R"((?:.*\.)?claude-(?:instant|2|3-(?:opus|sonnet|haiku)).*)",
     {.reasons = false, .max_output_tokens = 4096}},
    {R"((?:.*\.)?claude-3[-.]5.*)", {.reasons = false, .max_output_tokens = 8192}},
    {R"((?:.*\.)?claude-3[-.]7.*)", {.adaptive_thinking = false, .max_output_tokens = 64000}},
    {R"((?:.*\.)?claude-opus-4(?:[-.][01])?(?:[-@:](?:\d{8}|latest|v\d).*)?)",
     {.adaptive_thinking = false, .max_output_tokens = 32000}},
    {R"((?:.*\.)?claude-[a-z]+-4(?:[-.][0-5])?(?:[-@:](?:\d{8}|latest|v\d).*)?)",
     {.adaptive_thinking = false, .max_output_tokens = 64000}},
    {R"((?:.*\.)?claude-[a-z]+-4[-.][7-9].*)", {.sampling = false}},
    {R"((?:.*\.)?claude-[a-z]+-[5-9].*)", {.sampling = false}},
    {R"(gpt-(?:3\.5|4).*|chatgpt-.*|gpt-5(?:\.\d+)?-chat.*)", {.reasons = false}},
    {R"(o1-(?:mini|preview).*)", {.reasons = false}},
    {R"(o\d-(?:.*-)?deep-research.*)", {.efforts = {{medium, medium}}}},
    {R"(o\d(?:\D.*)?)", {.efforts = {{low, high}}}},
    {R"(gpt-5-pro.*)", {.efforts = {{high, high}}}},
    {R"(gpt-5\.1-codex-max.*)", {.efforts = {{low, xhigh}}}},
    {R"(gpt-5(?:\.1)?-codex.*)", {.efforts = {{low, high}}}},
    {R"(gpt-5(?:[^\d.].*)?)", {.efforts = {{minimal, high}}}},
    {R"(gpt-5\.[23]-codex.*)", {.efforts = {{low, xhigh}}}},
    {R"(gpt-5\.[1-3]-pro.*)", {.efforts = {{medium, xhigh}}}},
    {R"(gpt-5\.1(?:\D.*)?)", {.efforts = {{none, high, false}}}},
    {R"(gpt-5\.[23](?:\D.*)?)", {.efforts = {{none, xhigh, false}}}},
    {R"(gpt-(?:5\.(?:[4-9]|\d\d)|[6-9])(?:\..*)?-codex.*)",
     {.needs_responses = true, .efforts = {{low, xhigh}}}},
    {R"(gpt-(?:5\.(?:[4-9]|\d\d)|[6-9])(?:\..*)?-pro.*)",
     {.needs_responses = true, .efforts = {{medium, xhigh}}}},
    {R"(gpt-(?:5\.(?:[4-9]|\d\d)|[6-9])(?:\D.*)?)",
     {.needs_responses = true, .efforts = {{none, xhigh, false}}}},
    {R"((?:meta-)?llama.*)", {.reasons = false}},
});

/// The rows' patterns, compiled once.
const std::vector<std::unique_ptr<re2::RE2>>& patterns() {
  static const auto compiled = [] {
    auto out = std::vector<std::unique_ptr<re2::RE2>>{};
    for (const auto& row : rows)
      out.push_back(std::make_unique<re2::RE2>(row.pattern));
    return out;
  }();
  return compiled;
}

} // namespace

model_facts facts_of_model(std::string_view upstream_model) {
  const auto name = upstream_model.substr(upstream_model.rfind('/') + 1);
  for (auto i = std::size_t{0}; i < rows.size(); ++i)
    if (re2::RE2::FullMatch({name.data(), name.size()}, *patterns()[i]))
      return rows[i].facts;
  return {};
}

} // namespace axonhub::policy
