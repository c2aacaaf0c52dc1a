#include "tests/support/fake_provider/script.hpp"

namespace axonhub::fake {

namespace {

std::string event(std::string_view type, const std::string& members) {
  return std::string{"event: "}.append(type).append("\ndata: {\"type\":\"").append(type) + '"' +
         members + "}\n\n";
}

std::string counters(const usage& u) {
  const auto write = std::to_string(u.cache_write);
  return "\"input_tokens\":" + std::to_string(u.input) +
         ",\"cache_creation_input_tokens\":" + write +
         ",\"cache_read_input_tokens\":" + std::to_string(u.cache_read) +
         ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":" + write +
         ",\"ephemeral_1h_input_tokens\":0}";
}

/// A message around `content`; a stream starts with an empty one.
std::string message(const reply& r, const std::string& content, std::string_view stop_reason,
                    std::size_t output) {
  return "{\"id\":\"msg_" + r.id + R"(","type":"message","role":"assistant","model":)" +
         quoted(r.asked.model) + ",\"content\":[" + content +
         "],\"stop_reason\":" + (stop_reason.empty() ? "null" : quoted(stop_reason)) +
         ",\"stop_sequence\":null,\"usage\":{" + counters(r.tokens) +
         ",\"output_tokens\":" + std::to_string(output) + R"(,"service_tier":"standard"}})";
}

std::string at(std::size_t index) { return ",\"index\":" + std::to_string(index); }

std::string tool_block(const reply& r, std::size_t index, std::string_view input) {
  return "{\"type\":\"tool_use\",\"id\":\"toolu_" + r.id + '_' + std::to_string(index) +
         "\",\"name\":" + quoted(r.asked.tool) + ",\"input\":" + std::string{input} + '}';
}

void add_block(std::vector<std::string>& events, std::size_t index, const std::string& start,
               const std::vector<std::string>& deltas) {
  events.push_back(event("content_block_start", at(index) + ",\"content_block\":" + start));
  for (const auto& delta : deltas)
    events.push_back(event("content_block_delta", at(index) + ",\"delta\":" + delta));
  events.push_back(event("content_block_stop", at(index)));
}

constexpr auto empty_text = R"({"type":"text","text":""})";
constexpr auto thoughts = "Let me think.";

bool thinks(const reply& r) { return r.asked.model.find("thinking") != std::string::npos; }

std::string signature(const reply& r) {
  return "c2lnbmVk" + r.id; // ours, so that a foreign one can be told from it
}

void add_end(std::vector<std::string>& events, std::string_view stop_reason, std::size_t output) {
  events.push_back(event(
      "message_delta",
      ",\"delta\":{\"stop_reason\":" + quoted(stop_reason) +
          ",\"stop_sequence\":null},\"usage\":{\"output_tokens\":" + std::to_string(output) + '}'));
  events.push_back(event("message_stop", ""));
}

std::string text_delta(std::string_view text) {
  return "{\"type\":\"text_delta\",\"text\":" + quoted(text) + '}';
}

void add_tool_calls(script& s, const reply& r) {
  add_block(s.before, 0, empty_text, {text_delta("I run two commands.")});
  for (auto i = std::size_t{0}; i < 2; ++i) {
    const auto& arguments = r.asked.tool_inputs[i];
    const auto half = arguments.size() / 2;
    auto deltas = std::vector<std::string>{};
    for (const auto& part : {arguments.substr(0, half), arguments.substr(half)})
      deltas.push_back("{\"type\":\"input_json_delta\",\"partial_json\":" + quoted(part) + '}');
    add_block(s.before, i + 1, tool_block(r, i + 1, "{}"), deltas);
  }
  add_end(s.after, "tool_use", r.tokens.output);
}

} // namespace

script anthropic_script(const reply& r) {
  auto s = script{};
  s.before.push_back(event("message_start", ",\"message\":" + message(r, "", "", 1)));
  if (calls_tools(r.asked)) {
    add_tool_calls(s, r);
    return s;
  }
  auto index = std::size_t{0};
  if (thinks(r))
    add_block(s.before, index++, R"({"type":"thinking","thinking":"","signature":""})",
              {"{\"type\":\"thinking_delta\",\"thinking\":" + quoted(thoughts) + '}',
               "{\"type\":\"signature_delta\",\"signature\":" + quoted(signature(r)) + '}'});
  if (!r.asked.tool_results.empty()) {
    add_block(s.before, index, empty_text, {text_delta(quoted_results(r.asked.tool_results))});
  } else {
    s.before.push_back(
        event("content_block_start", at(index) + ",\"content_block\":" + empty_text));
    s.before.push_back(event("ping", ""));
    s.set_deltas("event: content_block_delta\ndata: {\"type\":\"content_block_delta\"" + at(index) +
                     R"(,"delta":{"type":"text_delta","text":")",
                 "\"}}\n\n", r.shape);
    s.after.push_back(event("content_block_stop", at(index)));
  }
  add_end(s.after, "end_turn", r.tokens.output);
  return s;
}

std::string anthropic_json(const reply& r) {
  const auto text_block = [](std::string_view text) {
    return "{\"type\":\"text\",\"text\":" + quoted(text) + '}';
  };
  if (calls_tools(r.asked))
    return message(r,
                   text_block("I run two commands.") + ',' +
                       tool_block(r, 1, r.asked.tool_inputs[0]) + ',' +
                       tool_block(r, 2, r.asked.tool_inputs[1]),
                   "tool_use", r.tokens.output);
  auto content = std::string{};
  if (thinks(r))
    content = "{\"type\":\"thinking\",\"thinking\":" + quoted(thoughts) +
              ",\"signature\":" + quoted(signature(r)) + "},";
  content += text_block(r.asked.tool_results.empty() ? whole_text(r.shape)
                                                     : quoted_results(r.asked.tool_results));
  return message(r, content, "end_turn", r.tokens.output);
}

} // namespace axonhub::fake
