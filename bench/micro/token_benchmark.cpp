// What estimating tokens costs: 1 MB of each kind of text, and of a request.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>

#include "llm/peek.hpp"
#include "llm/token_estimate.hpp"

namespace {

using namespace axonhub;

constexpr auto texts = std::array<std::string_view, 4>{
    "The gateway asks each channel in turn, and what nobody else can serve goes to the last one; "
    "an operator sees why, because every attempt is recorded with the reason that ended it.\n",
    "  for (auto i = std::size_t{0}; i < headers.size(); ++i)\n    if (headers[i].name == "
    "\"x-request-id\") // the client's own\n      return to_text(headers[i].value);\n",
    "{\"id\":\"0b5c1f1e-8a53-4d0b-9c3e-2f4c6f5e7a10\",\"created_at\":\"2026-11-22T10:00:00Z\","
    "\"total\":1234.5,\"items\":[{\"name\":\"first\",\"count\":3}],\"active\":true}\n",
    "网关依次询问每个渠道，无法处理的请求交给最后一个。ゲートウェイは順番に問い合わせます。각 "
    "채널에 "
    "차례로 물어봅니다。\n",
};

void estimate_1_mb_of_text(benchmark::State& state) {
  const auto piece = texts[static_cast<std::size_t>(state.range(0))];
  auto text = std::string{};
  while (text.size() < 1'000'000)
    text += piece;
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::estimate_text_tokens(text, llm::tokenizer_family::claude));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void estimate_1_mb_of_request(benchmark::State& state) {
  auto body = std::string{R"({"model":"m","messages":[{"role":"user","content":"Go on."})"};
  while (body.size() < 1'000'000)
    body +=
        R"(,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","content":)"
        R"(" 12345\t  if (path == \"/v1/messages\") return lookup(routes, path);\n"}]})";
  body += "]}";
  body.reserve(body.size() + llm::body_padding);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        llm::estimate_request_tokens(llm::dialect::anthropic, body, llm::tokenizer_family::claude));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK(estimate_1_mb_of_text)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);
BENCHMARK(estimate_1_mb_of_request)->Unit(benchmark::kMillisecond);

} // namespace
