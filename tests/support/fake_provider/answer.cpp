#include "tests/support/fake_provider/answer.hpp"

#include <algorithm>
#include <charconv>

#include "tests/support/fake_provider/wrong_answer.hpp"

namespace axonhub::fake {

namespace {

std::string_view reason_of(std::uint32_t status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

struct error_name {
  std::uint32_t status;
  std::string_view type;
  std::string_view message;
};

constexpr error_name anthropic_errors[] = {
    {400, "invalid_request_error", "messages: invalid"},
    {401, "authentication_error", "invalid x-api-key"},
    {402, "billing_error", "Your credit balance is too low"},
    {403, "permission_error", "Your key may not use this resource"},
    {404, "not_found_error", "Not found"},
    {409, "conflict_error", "Conflict"},
    {413, "request_too_large", "Request exceeds the maximum size"},
    {429, "rate_limit_error", "This request would exceed your rate limit"},
    {500, "api_error", "Internal server error"},
    {504, "timeout_error", "Timed out"},
    {529, "overloaded_error", "Overloaded"},
};

std::string_view openai_type(std::uint32_t status) {
  if (status == 429)
    return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

script script_of(const reply& r) {
  switch (r.asked.endpoint) {
    case api::chat:
      return chat_script(r);
    case api::responses:
      return responses_script(r);
    default:
      return anthropic_script(r);
  }
}

std::string json_of(const reply& r) {
  switch (r.asked.endpoint) {
    case api::chat:
      return chat_json(r);
    case api::responses:
      return responses_json(r);
    default:
      return anthropic_json(r);
  }
}

constexpr auto last_chunk = std::string_view{"0\r\n\r\n"};

answer streamed(const answer_order& order) {
  auto a = answer{.delay = order.delay, .pace = order.pace};
  a.bytes = stream_head(order.extra_headers);
  auto s = script_of(order.what);
  a.end_event = s.events();
  spoil_stream(a, s, order);
  if (!a.dripped.empty() || a.end == ending::silence)
    return a;
  if (a.end == ending::keep)
    a.tail += last_chunk;
  if (a.pace == milliseconds{0}) {
    auto event = std::string{};
    for (; a.next_event < a.end_event; ++a.next_event) {
      event.clear();
      s.append_event(event, a.next_event);
      append_chunk(a.bytes, event);
    }
    a.bytes += a.tail;
    a.tail.clear();
  } else {
    a.events = std::move(s);
  }
  return a;
}

} // namespace

answer build_answer(const answer_order& order) {
  if (!order.what.asked.stream)
    return build_json_answer(order, json_of(order.what));
  if (auto wrong = answer_without_content(order))
    return std::move(*wrong);
  return streamed(order);
}

answer build_json_answer(const answer_order& order, const std::string& body) {
  if (auto wrong = answer_without_content(order))
    return std::move(*wrong);
  auto a = answer{.delay = order.delay};
  spoil_json(a, body, order);
  return a;
}

std::string whole_answer(std::uint32_t status, std::string_view type, std::string_view body,
                         std::string_view extra_headers, bool to_head) {
  auto out = std::string{};
  out.reserve(body.size() + extra_headers.size() + 256);
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_of(status));
  out.append("\r\ncontent-type: ").append(type);
  out.append("\r\ncontent-length: ").append(std::to_string(body.size()));
  out.append("\r\nrequest-id: req_fake\r\n").append(extra_headers).append("\r\n");
  if (!to_head)
    out.append(body);
  return out;
}

std::string error_body(api endpoint, std::uint32_t status, std::string_view message) {
  const auto* known = std::ranges::find(anthropic_errors, status, &error_name::status);
  const auto found = known != std::end(anthropic_errors);
  const auto text = quoted(!message.empty() ? message
                           : found          ? known->message
                                            : "The request failed");
  if (endpoint == api::chat || endpoint == api::responses)
    return "{\"error\":{\"message\":" + text + ",\"type\":" + quoted(openai_type(status)) +
           R"(,"param":null,"code":null}})";
  const auto type = found           ? known->type
                    : status >= 500 ? std::string_view{"api_error"}
                                    : std::string_view{"invalid_request_error"};
  return R"({"type":"error","error":{"type":)" + quoted(type) + ",\"message\":" + text +
         R"(},"request_id":"req_fake"})";
}

void append_chunk(std::string& out, std::string_view payload) {
  char size[16];
  const auto end = std::to_chars(std::begin(size), std::end(size), payload.size(), 16).ptr;
  out.append(size, end).append("\r\n").append(payload).append("\r\n");
}

std::string error_event(api endpoint, std::string_view id) {
  switch (endpoint) {
    case api::chat:
      return R"(data: {"error":{"message":"The server is overloaded","type":"server_error",)"
             "\"param\":null,\"code\":null}}\n\n";
    case api::responses:
      return "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":0,"
             "\"response\":{\"id\":\"resp_" +
             std::string{id} +
             R"(","object":"response","created_at":1795330000,"status":"failed","error":{)"
             R"("code":"server_error","message":"The server is overloaded"},"output":[],)"
             "\"usage\":null}}\n\n";
    default:
      return "event: error\ndata: " + error_body(api::messages, 529, {}) + "\n\n";
  }
}

} // namespace axonhub::fake
