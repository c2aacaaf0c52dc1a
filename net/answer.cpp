#include "net/answer.hpp"

#include "base/json_text.hpp"

namespace axonhub::net {

std::string_view request_id_field(llm::dialect d) {
  return d == llm::dialect::anthropic ? "request-id" : "x-request-id";
}

answer error_answer(llm::dialect d, llm::client_error e, std::string_view message,
                    std::string_view request_id) {
  auto out =
      answer{.status = llm::http_status(d, e), .body = llm::error_body(d, e, message, request_id)};
  if (!request_id.empty()) {
    append_field(out.fields, "x-axonhub-request-id", request_id);
    append_field(out.fields, request_id_field(d), request_id);
  }
  if (out.status < 500 && e != llm::client_error::rate_limited)
    append_field(out.fields, "x-should-retry", "false");
  return out;
}

answer problem_answer(int status, std::string_view detail) {
  auto out = answer{.status = status, .content_type = "application/problem+json"};
  out.body = R"({"type":"about:blank","title":)";
  append_json_string(out.body, reason_phrase(status));
  out.body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  append_json_string(out.body, detail);
  out.body += "}";
  return out;
}

} // namespace axonhub::net
