// Streams from each dialect to each other: whatever the upstream says, and however it is cut, what
// the client gets is a proper stream with an end.

#include "llm/sse.hpp"
#include "llm/stream_converter.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/unit/llm/conversion_memory.hpp"
#include "tests/unit/llm/stream_checker.hpp"

using namespace axonhub;
using namespace axonhub::fuzz;

namespace {

struct outcome {
  std::string stream, problem;
  llm::event_kind last = llm::event_kind::other;
  llm::usage tokens;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Converts as net/ does: where the upstream is malformed or cut, an error of ours ends the stream.
outcome convert(const llm::conversion_memory& memory, std::string_view text, unsigned char cuts) {
  auto converter = llm::stream_converter{memory};
  auto splitter = llm::event_splitter{};
  auto result = outcome{};
  const auto note = [&result](llm::event_kind kind) {
    if (kind != llm::event_kind::other)
      result.last = kind;
  };
  feed_in_pieces(text, cuts, [&](std::string_view pending) {
    return splitter.feed(
        pending, [&](std::string_view event) { note(converter.convert(event, result.stream)); });
  });
  note(converter.finish(result.stream));
  result.problem = converter.problem();
  if (result.last == llm::event_kind::malformed)
    converter.fail(llm::client_error::api_error, result.problem, result.stream);
  result.tokens = converter.seen();
  return result;
}

bool is_end(llm::event_kind kind) {
  return kind == llm::event_kind::terminal || kind == llm::event_kind::error ||
         kind == llm::event_kind::malformed;
}

/// What a model calls a tool with is for the client to judge.
bool is_about_arguments(const std::string& breach) {
  return breach.find("are an object") != breach.npos || breach.find("arguments: ") != breach.npos ||
         (breach.find("no JSON: ") != breach.npos && breach.find("_call\\\"") != breach.npos);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = input{data, size};
  const auto [from, to] = to_pair(in.choice);
  auto memory = llm::memory_of(to, from);
  llm::give_tool(memory, to_variation(in.choice));
  const auto whole = convert(memory, in.text, 0);
  demand(is_end(whole.last), "every stream ends", whole.stream);
  for (const auto& breach : llm::check_stream(to, whole.stream))
    demand(is_about_arguments(breach), breach, whole.stream);
  demand(convert(memory, in.text, in.cuts) == whole, "the same however it is cut", whole.stream);
  return 0;
}
