#include "llm/token_estimate.hpp"

#include "llm/token_costs.hpp"
#include "llm/token_table.hpp"

namespace axonhub::llm {
namespace {

constexpr auto openai_table = token_table{openai_costs};
constexpr auto claude_table = token_table{claude_costs};

} // namespace

std::uint64_t estimate_text_tokens(std::string_view utf8, tokenizer_family family) {
  const auto& table = family == tokenizer_family::openai ? openai_table : claude_table;
  const auto parts = table.cost_of(utf8);
  // What costs nothing by itself, or is the start of a cut character, is no empty text.
  if (parts == 0 && !utf8.empty())
    return 1;
  return (parts + token_parts - 1) / token_parts;
}

std::string to_count_answer(std::uint64_t input_tokens) {
  return "{\"input_tokens\":" + std::to_string(input_tokens) + "}";
}

} // namespace axonhub::llm
