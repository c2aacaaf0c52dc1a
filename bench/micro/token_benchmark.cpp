// What estimating tokens costs: 1 MB of each kind of text, and of a request. The texts are real and
// long: where words end in a text that soon begins anew, a processor knows by heart.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json_text.hpp"
#include "llm/peek.hpp"
#include "llm/token_estimate.hpp"

namespace {

using namespace axonhub;

constexpr auto size = std::size_t{1'000'000};

/// The held-out samples of one class, again and again, up to some bytes more than 1 MB.
std::string read_text(const std::string& name) {
  auto file = std::ifstream{AXONHUB_FIXTURES "/llm/tokens/" + name + ".jsonl"};
  auto text = std::string{};
  for (auto line = std::string{}; std::getline(file, line);)
    text += nlohmann::json::parse(line).at("text").get<std::string>();
  if (text.empty())
    throw std::runtime_error{"no samples of " + name};
  while (text.size() < size)
    text += text;
  return text;
}

void estimate_1_mb_of_text(benchmark::State& state, const std::string& name) {
  const auto all = read_text(name);
  const auto text = std::string_view{all}.substr(0, size);
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::estimate_text_tokens(text, llm::tokenizer_family::claude));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

/// Results of tools, each with two lines of code.
std::string make_request() {
  auto code = std::istringstream{read_text("code")};
  auto body = std::string{R"({"model":"m","messages":[{"role":"user","content":"Go on."})"};
  for (auto lines = std::string{}, second = lines; body.size() < size;) {
    std::getline(code, lines);
    std::getline(code, second);
    lines.append("\n").append(second).append("\n");
    body +=
        R"(,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","content":)";
    append_json_string(body, lines);
    body += "}]}";
  }
  body += "]}";
  body.reserve(body.size() + llm::body_padding);
  return body; // by name: a copy would have no room to spare
}

void estimate_1_mb_of_request(benchmark::State& state) {
  const auto body = make_request();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        llm::estimate_request_tokens(llm::dialect::anthropic, body, llm::tokenizer_family::claude));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK_CAPTURE(estimate_1_mb_of_text, english, "english")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(estimate_1_mb_of_text, code, "code")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(estimate_1_mb_of_text, json, "json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(estimate_1_mb_of_text, cjk, "cjk")->Unit(benchmark::kMillisecond);
BENCHMARK(estimate_1_mb_of_request)->Unit(benchmark::kMillisecond);

} // namespace
