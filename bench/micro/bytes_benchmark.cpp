// What looking at the bytes costs: heads, request bodies, the events of a stream.
#include <benchmark/benchmark.h>

#include <string>

#include "llm/anthropic_stream.hpp"
#include "llm/peek.hpp"
#include "llm/splice.hpp"
#include "llm/sse.hpp"
#include "net/http_head.hpp"

namespace {

using namespace axonhub;

constexpr auto request_head_text = std::string_view{
    "POST /v1/messages?beta=true HTTP/1.1\r\nhost: 127.0.0.1:8090\r\naccept: application/json\r\n"
    "content-type: application/json\r\nuser-agent: claude-cli/2.1.330 (external, sdk-cli)\r\n"
    "x-app: cli\r\nanthropic-version: 2023-06-01\r\n"
    "authorization: Bearer ah-0123456789012345678901234567890123456789012\r\n"
    "anthropic-beta: claude-code-20250219,interleaved-thinking-2025-05-14\r\n"
    "x-claude-code-session-id: 5e55105e-5e55-4000-8000-000000000000\r\n"
    "x-stainless-lang: js\r\nx-stainless-retry-count: 0\r\ncontent-length: 20480\r\n\r\n"};

constexpr auto response_head_text = std::string_view{
    "HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 10:00:00 GMT\r\n"
    "content-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n"
    "cache-control: no-cache\r\nrequest-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\n"
    "anthropic-ratelimit-unified-status: allowed\r\n"
    "anthropic-ratelimit-unified-5h-utilization: 0.25\r\n"
    "anthropic-ratelimit-unified-5h-reset: 1795345200\r\n\r\n"};

void find_and_parse_request_head(benchmark::State& state) {
  auto head = net::request_head{};
  for (auto _ : state) {
    auto progress = net::head_progress{};
    auto failed = net::find_head(request_head_text, {}, progress);
    head.clear();
    failed = net::parse_request_head(request_head_text.substr(0, progress.size), {}, head);
    benchmark::DoNotOptimize(failed);
  }
}

void find_and_parse_response_head(benchmark::State& state) {
  auto head = net::response_head{};
  for (auto _ : state) {
    auto progress = net::head_progress{};
    auto failed = net::find_head(response_head_text, {}, progress);
    head.clear();
    failed =
        net::parse_response_head(response_head_text.substr(0, progress.size), {}, "POST", head);
    benchmark::DoNotOptimize(failed);
  }
}

/// A conversation with tool results, whose text has escapes as source code does.
std::string make_body(std::size_t size) {
  auto body = std::string{
      R"({"model":"claude-bench","max_tokens":32000,"stream":true,"metadata":{"user_id":"user_5e"},)"
      R"("messages":[{"role":"user","content":"Why does the test fail?"})"};
  while (body.size() + 1200 < size) {
    body +=
        R"(,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","content":")";
    for (auto i = 0; i < 12; ++i)
      body += R"( 12345\t  if (path == \"/v1/messages\") return lookup(routes, path);\n)";
    body += R"("}]})";
  }
  body += "]}";
  body.reserve(body.size() + llm::body_padding);
  return body;
}

void peek_and_splice_body(benchmark::State& state) {
  const auto body = make_body(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const auto seen = llm::peek_request(body);
    benchmark::DoNotOptimize(llm::splice_name(body, seen->model_value, "claude-other"));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

std::string make_stream(int deltas) {
  auto stream = std::string{
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_01\","
      "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\",\"content\":[],"
      "\"stop_reason\":null,\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":5000,"
      "\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":"
      "\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}"
      "\n\n"};
  for (auto i = 0; i < deltas; ++i)
    stream +=
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"some words of the answer\"}}\n\n";
  return stream +
         "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
         "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
         "\"end_turn\"},\"usage\":{\"output_tokens\":500}}\n\n"
         "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

void meter_stream_of_100_deltas(benchmark::State& state) {
  const auto stream = make_stream(100);
  for (auto _ : state) {
    auto splitter = llm::event_splitter{};
    auto meter = llm::anthropic_meter{};
    splitter.feed(stream, [&meter](std::string_view event) { meter.observe(event); });
    benchmark::DoNotOptimize(meter.seen());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}

BENCHMARK(find_and_parse_request_head);
BENCHMARK(find_and_parse_response_head);
BENCHMARK(peek_and_splice_body)->Arg(1'000)->Arg(20'000)->Arg(200'000);
BENCHMARK(meter_stream_of_100_deltas);

} // namespace
