// Whole answers from each dialect to each other: refused, or JSON with the client's model.

#include "llm/answer_converter.hpp"
#include "llm/read_answer.hpp"
#include "llm/upstream_error.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/second_opinion.hpp"
#include "tests/unit/llm/conversion_memory.hpp"

using namespace axonhub;
using namespace axonhub::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = input{data, size};
  const auto [from, to] = to_pair(in.choice);
  const auto body = padded(in.text);
  llm::read_error_body(body);
  const auto facts = llm::read_answer(from, body);
  demand(body == in.text, "what passes is not touched", body);
  if (facts && facts->model_value) {
    const auto [offset, length] = *facts->model_value;
    demand(offset + length <= body.size() && length >= 2 && body[offset] == '"' &&
               body[offset + length - 1] == '"',
           "the model stands in quotes", body);
  }
  auto memory = llm::memory_of(to, from);
  memory.stream = false;
  llm::give_tool(memory, to_variation(in.choice));
  const auto answer = llm::convert_answer(body, memory);
  if (!answer)
    return 0;
  // Of JSON that is broken between its values one of them may still make sense.
  demand(facts || !read_json(body).is_valid, "what is no answer is not converted", body);
  const auto seen = read_json(answer->body);
  demand(seen.is_object, "an answer is a JSON object", answer->body);
  demand(seen.model == memory.client_model, "it names the client's model", answer->body);
  return 0;
}
