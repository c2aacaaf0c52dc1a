#include "tests/support/fake_provider/script.hpp"

namespace axonhub::fake {

namespace {

constexpr auto created = "1795330000"; // the same in each answer, so that answers can be compared

std::string totals(const usage& u) {
  const auto prompt = u.input + u.cache_write + u.cache_read;
  return "{\"prompt_tokens\":" + std::to_string(prompt) +
         ",\"completion_tokens\":" + std::to_string(u.output) +
         ",\"total_tokens\":" + std::to_string(prompt + u.output) +
         ",\"prompt_tokens_details\":{\"cached_tokens\":" + std::to_string(u.cache_read) +
         "},\"completion_tokens_details\":{\"reasoning_tokens\":0}}";
}

std::string identity(const reply& r, std::string_view object) {
  return "{\"id\":\"chatcmpl-" + r.id + "\",\"object\":" + quoted(object) +
         ",\"created\":" + created + ",\"model\":" + quoted(r.asked.model);
}

std::string chunk(const reply& r, const std::string& choices, const std::string& tokens) {
  return "data: " + identity(r, "chat.completion.chunk") + ",\"choices\":[" + choices + ']' +
         (r.asked.wants_usage ? ",\"usage\":" + tokens : "") + "}\n\n";
}

std::string choice(const std::string& delta, std::string_view finish_reason = "") {
  return "{\"index\":0,\"delta\":" + delta + ",\"logprobs\":null,\"finish_reason\":" +
         (finish_reason.empty() ? "null" : quoted(finish_reason)) + '}';
}

std::string tool_call(const reply& r, std::size_t index, std::string_view arguments) {
  return "\"id\":\"call_" + r.id + '_' + std::to_string(index) +
         R"(","type":"function","function":{"name":)" + quoted(r.asked.tool) +
         ",\"arguments\":" + quoted(arguments) + "}}";
}

void add_tool_calls(script& s, const reply& r) {
  for (auto i = std::size_t{0}; i < 2; ++i) {
    const auto place = "{\"tool_calls\":[{\"index\":" + std::to_string(i) + ',';
    s.before.push_back(chunk(r, choice(place + tool_call(r, i, "") + "]}"), "null"));
    const auto arguments = quoted(r.asked.tool_inputs[i]);
    s.before.push_back(
        chunk(r, choice(place + "\"function\":{\"arguments\":" + arguments + "}}]}"), "null"));
  }
}

} // namespace

script chat_script(const reply& r) {
  auto s = script{};
  s.before.push_back(
      chunk(r, choice(R"({"role":"assistant","content":"","refusal":null})"), "null"));
  if (calls_tools(r.asked)) {
    add_tool_calls(s, r);
  } else if (!r.asked.tool_results.empty()) {
    s.before.push_back(chunk(
        r, choice("{\"content\":" + quoted(quoted_results(r.asked.tool_results)) + '}'), "null"));
  } else {
    const auto model_text = chunk(r, choice("{\"content\":\"\"}"), "null");
    const auto hole = model_text.find("{\"content\":\"\"}") + 12;
    s.set_deltas(model_text.substr(0, hole), model_text.substr(hole), r.shape);
  }
  s.after.push_back(chunk(r, choice("{}", calls_tools(r.asked) ? "tool_calls" : "stop"), "null"));
  if (r.asked.wants_usage)
    s.after.push_back(chunk(r, "", totals(r.tokens)));
  s.after.push_back("data: [DONE]\n\n");
  return s;
}

std::string chat_json(const reply& r) {
  auto content = std::string{"null"};
  auto calls = std::string{};
  if (calls_tools(r.asked))
    calls = ",\"tool_calls\":[{" + tool_call(r, 0, r.asked.tool_inputs[0]) + ",{" +
            tool_call(r, 1, r.asked.tool_inputs[1]) + ']';
  else
    content = quoted(r.asked.tool_results.empty() ? whole_text(r.shape)
                                                  : quoted_results(r.asked.tool_results));
  return identity(r, "chat.completion") +
         R"(,"choices":[{"index":0,"message":{"role":"assistant","content":)" + content +
         ",\"refusal\":null" + calls + "},\"logprobs\":null,\"finish_reason\":" +
         (calls.empty() ? "\"stop\"" : "\"tool_calls\"") + "}],\"usage\":" + totals(r.tokens) + '}';
}

} // namespace axonhub::fake
