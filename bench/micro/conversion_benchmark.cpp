#include "llm/clean_request.hpp"
#include "llm/convert_request.hpp"
#include "llm/images.hpp"
#include "llm/peek.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace axonhub;

/// A Claude Code conversation: tools, then calls and results whose text has escapes as source code
/// does. With an image, that makes up most of the size.
std::string make_body(std::size_t size, bool with_image) {
  auto body = std::string{
      R"({"model":"claude-bench","max_tokens":32000,"stream":true,"system":[{"type":"text","text":)"
      R"("x-anthropic-billing-header: cc_version=2.1;"},{"type":"text","text":"You are an agent."}],)"
      R"("tools":[{"name":"Read","description":"Read a file","input_schema":{"type":"object",)"
      R"("properties":{"path":{"type":"string"}}}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"Why does it fail?"})"};
  if (with_image)
    body += R"(,{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBOR)" +
            std::string(size, 'A') + "\"}}";
  body += "]}";
  for (auto id = 0; body.size() + 1200 < size; ++id) {
    const auto quoted = "\"toolu_" + std::to_string(id) + "\"";
    body += R"(,{"role":"assistant","content":[{"type":"tool_use","id":)" + quoted +
            R"(,"name":"Read","input":{"path":"/src/net/session.cpp"}}]})";
    body += R"(,{"role":"user","content":[{"type":"tool_result","tool_use_id":)" + quoted +
            R"(,"content":")";
    for (auto i = 0; i < 12; ++i)
      body += R"( 12345\t  if (path == \"/v1/messages\") return lookup(routes, path);\n)";
    body += R"("}]})";
  }
  body += "]}";
  body.reserve(body.size() + llm::body_padding);
  return body;
}

void convert(benchmark::State& state, llm::dialect to_dialect, bool with_image) {
  const auto body = make_body(static_cast<std::size_t>(state.range(0)), with_image);
  auto to = llm::upstream_traits{};
  to.speaks = to_dialect;
  const auto who = llm::request_identity{};
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::convert_request(llm::dialect::anthropic, body, to, who));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void convert_text_to_chat(benchmark::State& state) {
  convert(state, llm::dialect::openai_chat, false);
}
void convert_text_to_responses(benchmark::State& state) {
  convert(state, llm::dialect::openai_responses, false);
}
void convert_image_to_chat(benchmark::State& state) {
  convert(state, llm::dialect::openai_chat, true);
}

void convert_chat_to_anthropic(benchmark::State& state) {
  const auto given = make_body(static_cast<std::size_t>(state.range(0)), false);
  auto to = llm::upstream_traits{};
  to.speaks = llm::dialect::openai_chat;
  const auto who = llm::request_identity{};
  const auto there = llm::convert_request(llm::dialect::anthropic, given, to, who);
  const auto& body = there->body; // in place: a copy would have no room behind its end
  to.speaks = llm::dialect::anthropic;
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::convert_request(llm::dialect::openai_chat, body, to, who));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void look_for_images_in_text(benchmark::State& state) {
  const auto body = make_body(static_cast<std::size_t>(state.range(0)), false);
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::holds_images(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void look_for_an_image_that_is_there(benchmark::State& state) {
  const auto body = make_body(static_cast<std::size_t>(state.range(0)), true);
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::holds_images(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void find_billing_line(benchmark::State& state) {
  const auto body = make_body(static_cast<std::size_t>(state.range(0)), false);
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::find_billing_line(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void look_for_unsigned_thoughts(benchmark::State& state) {
  const auto body = make_body(static_cast<std::size_t>(state.range(0)), false);
  for (auto _ : state)
    benchmark::DoNotOptimize(llm::may_hold_unsigned_thoughts(body));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK(convert_text_to_chat)->Arg(20'000)->Arg(200'000)->Arg(10'000'000);
BENCHMARK(convert_text_to_responses)->Arg(20'000);
BENCHMARK(convert_image_to_chat)->Arg(10'000'000);
BENCHMARK(convert_chat_to_anthropic)->Arg(20'000)->Arg(10'000'000);
BENCHMARK(look_for_images_in_text)->Arg(20'000)->Arg(200'000);
BENCHMARK(look_for_an_image_that_is_there)->Arg(20'000)->Arg(200'000);
BENCHMARK(find_billing_line)->Arg(20'000)->Arg(200'000);
BENCHMARK(look_for_unsigned_thoughts)->Arg(20'000)->Arg(200'000);

} // namespace
