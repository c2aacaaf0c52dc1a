#include "llm/token_estimate.hpp"

#include "llm/token_costs.hpp"
#include "llm/token_walk.hpp"

namespace axonhub::llm {
namespace {

struct cost_sum {
  void operator()(std::uint16_t feature, unsigned times) { parts += costs[feature] * times; }

  const std::uint16_t* costs = nullptr;
  std::uint64_t parts = 0;
};

} // namespace

std::uint64_t estimate_text_tokens(std::string_view utf8, tokenizer_family family) {
  const auto& costs = family == tokenizer_family::openai ? openai_costs : claude_costs;
  auto walker = token_walker{cost_sum{costs.data()}};
  walker.walk(utf8);
  const auto parts = walker.counter().parts;
  // What costs nothing by itself, or is the start of a cut character, is no empty text.
  if (parts == 0 && !utf8.empty())
    return 1;
  return (parts + token_parts - 1) / token_parts;
}

std::string to_count_answer(std::uint64_t input_tokens) {
  return "{\"input_tokens\":" + std::to_string(input_tokens) + "}";
}

} // namespace axonhub::llm
