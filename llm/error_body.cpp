#include "llm/error_body.hpp"

#include "base/json_text.hpp"

namespace axonhub::llm {
namespace {

/// How one error looks in both families. An empty code is null.
struct shape {
  int anthropic_status;
  std::string_view anthropic_type;
  int openai_status;
  std::string_view openai_type;
  std::string_view openai_code;
};

shape shape_of(client_error e) {
  constexpr std::string_view invalid = "invalid_request_error";
  constexpr std::string_view server = "server_error";
  switch (e) {
    case client_error::invalid_request:
      return {400, invalid, 400, invalid, ""};
    case client_error::authentication:
      return {401, "authentication_error", 401, invalid, "invalid_api_key"};
    case client_error::permission:
      return {403, "permission_error", 403, "permission_error", ""};
    case client_error::billing:
      return {429, "billing_error", 429, "insufficient_quota", "insufficient_quota"};
    case client_error::model_not_found:
      return {404, "not_found_error", 404, invalid, "model_not_found"};
    case client_error::path_not_found:
      return {404, "not_found_error", 404, invalid, "not_found"};
    case client_error::method_not_allowed:
      return {405, invalid, 405, invalid, ""};
    case client_error::request_timeout:
      return {408, invalid, 408, invalid, ""};
    case client_error::request_too_large:
      return {413, "request_too_large", 413, invalid, "request_too_large"};
    case client_error::unsupported_encoding:
      return {415, invalid, 415, invalid, ""};
    case client_error::rate_limited:
      return {429, "rate_limit_error", 429, "rate_limit_error", "rate_limit_exceeded"};
    case client_error::internal:
      return {500, "api_error", 500, server, ""};
    case client_error::api_error:
      return {500, "api_error", 502, server, ""};
    case client_error::overloaded:
      return {529, "overloaded_error", 503, server, "overloaded"};
    case client_error::unavailable:
      return {503, "api_error", 503, server, "model_unavailable"};
    case client_error::timeout:
      return {504, "timeout_error", 504, server, "timeout"};
  }
  return {500, "api_error", 500, server, ""};
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  append_json_string(out, value);
}

void append_code(std::string& out, std::string_view code) {
  if (code.empty())
    out += R"(,"code":null)";
  else
    append_text(out, R"(,"code":)", code);
}

std::string anthropic_body(const shape& s, std::string_view message, std::string_view request_id) {
  auto out = std::string{};
  append_text(out, R"({"type":"error","error":{"type":)", s.anthropic_type);
  append_text(out, R"(,"message":)", message);
  append_text(out, R"(},"request_id":)", request_id);
  return out += '}';
}

std::string openai_body(const shape& s, std::string_view message) {
  auto out = std::string{};
  append_text(out, R"({"error":{"message":)", message);
  append_text(out, R"(,"type":)", s.openai_type);
  out += R"(,"param":null)";
  append_code(out, s.openai_code);
  return out += "}}";
}

/// Clients of the Responses API take a bare error for a broken line and try again: a failed
/// response is an end that they understand.
std::string failed_response(const shape& s, std::string_view message, std::string_view request_id,
                            std::uint64_t sequence) {
  auto out = std::string{R"({"type":"response.failed","sequence_number":)"};
  out += std::to_string(sequence);
  out += R"(,"response":{"id":)";
  append_json_string(out, "resp_" + std::string{request_id});
  out += R"(,"object":"response","status":"failed","output":[],"error":{)";
  append_text(out, R"("code":)", s.openai_code.empty() ? s.openai_type : s.openai_code);
  append_text(out, R"(,"message":)", message);
  return out += "}}}";
}

} // namespace

int http_status(dialect d, client_error e) {
  const auto s = shape_of(e);
  return d == dialect::anthropic ? s.anthropic_status : s.openai_status;
}

std::string error_body(dialect d, client_error e, std::string_view message,
                       std::string_view request_id) {
  const auto s = shape_of(e);
  return d == dialect::anthropic ? anthropic_body(s, message, request_id) : openai_body(s, message);
}

std::string error_event(dialect d, client_error e, std::string_view message,
                        std::string_view request_id, std::uint64_t sequence) {
  const auto s = shape_of(e);
  switch (d) {
    case dialect::anthropic:
      return "event: error\ndata: " + anthropic_body(s, message, request_id) + "\n\n";
    case dialect::openai_chat:
      return "data: " + openai_body(s, message) + "\n\n";
    case dialect::openai_responses:
      return "event: response.failed\ndata: " + failed_response(s, message, request_id, sequence) +
             "\n\n";
  }
  return {};
}

std::string_view ping_event(dialect d) {
  return d == dialect::anthropic ? "event: ping\ndata: {\"type\": \"ping\"}\n\n" : ": ping\n\n";
}

} // namespace axonhub::llm
