// What converting an answer's stream costs: a start, 100 deltas, an end.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "llm/sse.hpp"
#include "llm/stream_converter.hpp"
#include "llm/stream_meter.hpp"

namespace {

using namespace axonhub;
using llm::dialect;

constexpr auto deltas = 100;

std::string chat_stream() {
  const auto chunk = [](const std::string& delta, const std::string& finish) {
    return R"(data: {"id":"chatcmpl-bench0123456789","object":"chat.completion.chunk",)"
           R"("created":1795330000,"model":"gpt-bench","service_tier":"default",)"
           R"("system_fingerprint":"fp_bench","choices":[{"index":0,"delta":)" +
           delta + R"(,"logprobs":null,"finish_reason":)" + finish + R"(}],"usage":null})" + "\n\n";
  };
  auto stream = chunk(R"({"role":"assistant","content":"","refusal":null})", "null");
  for (auto i = 0; i < deltas; ++i)
    stream += chunk(R"({"content":" some words of text,\n"})", "null");
  return stream + chunk("{}", R"("stop")") +
         R"(data: {"id":"chatcmpl-bench0123456789","object":"chat.completion.chunk",)"
         R"("created":1795330000,"model":"gpt-bench","choices":[],"usage":{"prompt_tokens":4117,)"
         R"("completion_tokens":100,"total_tokens":4217,"prompt_tokens_details":)"
         R"({"cached_tokens":4096}}})"
         "\n\ndata: [DONE]\n\n";
}

/// The same answer in another dialect.
std::string converted(dialect from, dialect to, const std::string& stream) {
  auto memory = llm::conversion_memory{};
  memory.client = to;
  memory.upstream = from;
  memory.client_model = "model-bench";
  memory.answer_id = to == dialect::openai_responses ? "resp_bench" : "msg_bench";
  auto converter = llm::stream_converter{memory};
  auto out = std::string{};
  llm::event_splitter{}.feed(stream, [&](std::string_view e) { converter.convert(e, out); });
  return out;
}

std::string stream_of(dialect d) {
  return d == dialect::openai_chat ? chat_stream()
                                   : converted(dialect::openai_chat, d, chat_stream());
}

void convert_100_deltas(benchmark::State& state, dialect from, dialect to) {
  const auto stream = stream_of(from);
  auto memory = llm::conversion_memory{};
  memory.client = to;
  memory.upstream = from;
  memory.client_model = "model-bench";
  memory.answer_id = "msg_bench";
  auto out = std::string{};
  for (auto _ : state) {
    auto converter = llm::stream_converter{memory};
    auto splitter = llm::event_splitter{};
    splitter.feed(stream, [&](std::string_view event) {
      out.clear();
      benchmark::DoNotOptimize(converter.convert(event, out));
    });
  }
}

void meter_100_deltas(benchmark::State& state, dialect d) {
  const auto stream = stream_of(d);
  for (auto _ : state) {
    auto meter = llm::stream_meter{d};
    auto splitter = llm::event_splitter{};
    splitter.feed(stream,
                  [&](std::string_view event) { benchmark::DoNotOptimize(meter.observe(event)); });
  }
}

constexpr auto claude = dialect::anthropic;
constexpr auto chat = dialect::openai_chat;
constexpr auto responses = dialect::openai_responses;

BENCHMARK_CAPTURE(convert_100_deltas, chat_to_anthropic, chat, claude);
BENCHMARK_CAPTURE(convert_100_deltas, chat_to_responses, chat, responses);
BENCHMARK_CAPTURE(convert_100_deltas, anthropic_to_chat, claude, chat);
BENCHMARK_CAPTURE(convert_100_deltas, anthropic_to_responses, claude, responses);
BENCHMARK_CAPTURE(convert_100_deltas, responses_to_anthropic, responses, claude);
BENCHMARK_CAPTURE(convert_100_deltas, responses_to_chat, responses, chat);
BENCHMARK_CAPTURE(meter_100_deltas, anthropic, claude);
BENCHMARK_CAPTURE(meter_100_deltas, chat, chat);
BENCHMARK_CAPTURE(meter_100_deltas, responses, responses);

} // namespace
