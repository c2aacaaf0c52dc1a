// What is done with every request body: a look at it, another model put in, its tokens estimated.

#include "llm/peek.hpp"
#include "llm/splice.hpp"
#include "llm/token_estimate.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/fuzz/second_opinion.hpp"

using namespace axonhub;
using namespace axonhub::fuzz;

namespace {

void check_peek(std::string_view text) {
  const auto body = padded(text);
  const auto seen = llm::peek_request(body);
  if (!seen)
    return;
  const auto [offset, size] = seen->model_value;
  demand(offset + size <= body.size(), "the model lies in the body");
  demand(is_json_string(std::string_view{body}.substr(offset, size), seen->model),
         "the model stands where it is said to", body);
  const auto name = std::string{"new \"model\"\n"};
  const auto parts = llm::splice_name(body, seen->model_value, name);
  const auto spliced = std::string{parts.before}.append(parts.replacement).append(parts.after);
  // What is malformed in a value that nobody reads passes; then there is no second opinion.
  const auto other = read_json(body);
  if (!other.is_valid)
    return;
  demand(other.model == seen->model, "two parsers see one model", body);
  demand(other.stream == seen->stream, "and one stream");
  demand(is_with_model(spliced, body, name), "only the model changes", spliced);
}

void check_estimates(const input& in) {
  for (const auto family : {llm::tokenizer_family::openai, llm::tokenizer_family::claude}) {
    const auto step = 1 + in.text.size() / 16;
    auto before = std::uint64_t{0};
    for (auto size = std::size_t{0}; size < in.text.size() + step; size += step) {
      const auto now = llm::estimate_text_tokens(in.text.substr(0, size), family);
      demand(now >= before, "appended text never lowers an estimate", in.text.substr(0, size));
      demand((now == 0) == in.text.substr(0, size).empty(), "0 for no text only");
      before = now;
    }
    for (auto d = 0; d < 3; ++d)
      demand(
          llm::estimate_request_tokens(static_cast<llm::dialect>(d), padded(in.text), family) >= 1,
          "a request has a token");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = input{data, size};
  if (in.choice % 2 == 0)
    check_peek(in.text);
  else
    check_estimates(in);
  return 0;
}
