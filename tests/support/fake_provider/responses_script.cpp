#include "tests/support/fake_provider/script.hpp"

namespace axonhub::fake {

namespace {

std::string totals(const usage& u) {
  const auto prompt = u.input + u.cache_write + u.cache_read;
  return "{\"input_tokens\":" + std::to_string(prompt) +
         ",\"input_tokens_details\":{\"cached_tokens\":" + std::to_string(u.cache_read) +
         "},\"output_tokens\":" + std::to_string(u.output) +
         ",\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":" +
         std::to_string(prompt + u.output) + '}';
}

std::string response(const reply& r, std::string_view status, const std::string& output) {
  const auto done = status == "completed";
  return "{\"id\":\"resp_" + r.id + R"(","object":"response","created_at":1795330000,"status":)" +
         quoted(status) +
         R"(,"error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":)" +
         quoted(r.asked.model) + ",\"output\":[" + output +
         R"(],"parallel_tool_calls":true,"previous_response_id":null,"store":false,)" +
         R"("temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"usage":)" +
         (done ? totals(r.tokens) : "null") + '}';
}

std::string message_item(const reply& r, std::string_view status, const std::string& content) {
  return "{\"type\":\"message\",\"id\":\"msg_" + r.id + R"(","role":"assistant","status":)" +
         quoted(status) + ",\"content\":[" + content + "]}";
}

std::string text_part(std::string_view text) {
  return "{\"type\":\"output_text\",\"text\":" + quoted(text) +
         R"(,"annotations":[],"logprobs":[]})";
}

std::string call_item(const reply& r, std::size_t index, std::string_view status,
                      std::string_view arguments) {
  const auto tail = r.id + '_' + std::to_string(index) + '"';
  return R"({"type":"function_call","id":"fc_)" + tail + ",\"call_id\":\"call_" + tail +
         ",\"name\":" + quoted(r.asked.tool) + ",\"arguments\":" + quoted(arguments) +
         ",\"status\":" + quoted(status) + '}';
}

/// Numbers the events as they are added.
struct numbered_events {
  std::vector<std::string>* to;
  std::size_t next = 0;

  void add(std::string_view type, const std::string& members) {
    to->push_back(std::string{"event: "}.append(type).append("\ndata: {\"type\":\"").append(type) +
                  "\",\"sequence_number\":" + std::to_string(next++) + ',' + members + "}\n\n");
  }
};

std::string answer_text(const reply& r) {
  return r.asked.tool_results.empty() ? whole_text(r.shape) : quoted_results(r.asked.tool_results);
}

void add_tool_calls(numbered_events& events, const reply& r) {
  for (auto i = std::size_t{0}; i < 2; ++i) {
    const auto place = "\"output_index\":" + std::to_string(i);
    const auto item = "\"item_id\":\"fc_" + r.id + '_' + std::to_string(i) + "\"," + place;
    const auto& arguments = r.asked.tool_inputs[i];
    events.add("response.output_item.added",
               place + ",\"item\":" + call_item(r, i, "in_progress", ""));
    events.add("response.function_call_arguments.delta", item + ",\"delta\":" + quoted(arguments));
    events.add("response.function_call_arguments.done",
               item + ",\"arguments\":" + quoted(arguments));
    events.add("response.output_item.done",
               place + ",\"item\":" + call_item(r, i, "completed", arguments));
  }
}

std::string tool_items(const reply& r) {
  return call_item(r, 0, "completed", r.asked.tool_inputs[0]) + ',' +
         call_item(r, 1, "completed", r.asked.tool_inputs[1]);
}

} // namespace

script responses_script(const reply& r) {
  auto s = script{};
  auto events = numbered_events{&s.before};
  events.add("response.created", "\"response\":" + response(r, "in_progress", ""));
  events.add("response.in_progress", "\"response\":" + response(r, "in_progress", ""));
  if (calls_tools(r.asked)) {
    add_tool_calls(events, r);
    events.to = &s.after;
    events.add("response.completed", "\"response\":" + response(r, "completed", tool_items(r)));
    return s;
  }
  const auto place = "\"item_id\":\"msg_" + r.id + R"(","output_index":0,"content_index":0,)";
  events.add("response.output_item.added",
             "\"output_index\":0,\"item\":" + message_item(r, "in_progress", ""));
  events.add("response.content_part.added", place + "\"part\":" + text_part(""));
  const auto text = answer_text(r);
  if (r.asked.tool_results.empty()) {
    s.set_numbered_deltas(
        "event: response.output_text.delta\ndata: "
        R"({"type":"response.output_text.delta","sequence_number":)",
        ',' + place + "\"delta\":\"", "\",\"logprobs\":[]}\n\n", r.shape);
    events.next += r.shape.deltas;
  } else {
    events.add("response.output_text.delta",
               place + "\"delta\":" + quoted(text) + ",\"logprobs\":[]");
  }
  events.to = &s.after;
  const auto item = message_item(r, "completed", text_part(text));
  events.add("response.output_text.done", place + "\"text\":" + quoted(text) + ",\"logprobs\":[]");
  events.add("response.content_part.done", place + "\"part\":" + text_part(text));
  events.add("response.output_item.done", "\"output_index\":0,\"item\":" + item);
  events.add("response.completed", "\"response\":" + response(r, "completed", item));
  return s;
}

std::string responses_json(const reply& r) {
  return response(r, "completed",
                  calls_tools(r.asked) ? tool_items(r)
                                       : message_item(r, "completed", text_part(answer_text(r))));
}

} // namespace axonhub::fake
