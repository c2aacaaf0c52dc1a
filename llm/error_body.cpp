#include "llm/error_body.hpp"

#include "base/json_text.hpp"

namespace axonhub::llm {
namespace {

constexpr std::string_view invalid = "invalid_request_error";
constexpr std::string_view server = "server_error";

error_shape anthropic_shape(client_error e) {
  switch (e) {
    case client_error::invalid_request:
      return {400, invalid, {}};
    case client_error::authentication:
      return {401, "authentication_error", {}};
    case client_error::permission:
      return {403, "permission_error", {}};
    case client_error::billing:
      return {429, "billing_error", {}};
    case client_error::model_not_found:
    case client_error::path_not_found:
      return {404, "not_found_error", {}};
    case client_error::method_not_allowed:
      return {405, invalid, {}};
    case client_error::request_timeout:
      return {408, invalid, {}};
    case client_error::request_too_large:
      return {413, "request_too_large", {}};
    case client_error::unsupported_encoding:
      return {415, invalid, {}};
    case client_error::rate_limited:
      return {429, "rate_limit_error", {}};
    case client_error::internal:
    case client_error::api_error:
      return {500, "api_error", {}};
    case client_error::overloaded:
      return {529, "overloaded_error", {}};
    case client_error::unavailable:
      return {503, "api_error", {}};
    case client_error::timeout:
      return {504, "timeout_error", {}};
  }
  return {500, "api_error", {}};
}

error_shape openai_shape(client_error e) {
  switch (e) {
    case client_error::invalid_request:
      return {400, invalid, {}};
    case client_error::authentication:
      return {401, invalid, "invalid_api_key"};
    case client_error::permission:
      return {403, "permission_error", {}};
    case client_error::billing:
      return {429, "insufficient_quota", "insufficient_quota"};
    case client_error::model_not_found:
      return {404, invalid, "model_not_found"};
    case client_error::path_not_found:
      return {404, invalid, "not_found"};
    case client_error::method_not_allowed:
      return {405, invalid, {}};
    case client_error::request_timeout:
      return {408, invalid, {}};
    case client_error::request_too_large:
      return {413, invalid, "request_too_large"};
    case client_error::unsupported_encoding:
      return {415, invalid, {}};
    case client_error::rate_limited:
      return {429, "rate_limit_error", "rate_limit_exceeded"};
    case client_error::internal:
      return {500, server, {}};
    case client_error::api_error:
      return {502, server, {}};
    case client_error::overloaded:
      return {503, server, "overloaded"};
    case client_error::unavailable:
      return {503, server, "model_unavailable"};
    case client_error::timeout:
      return {504, server, "timeout"};
  }
  return {500, server, {}};
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

std::string anthropic_body(const error_shape& s, std::string_view message,
                           std::string_view request_id) {
  auto out = std::string{};
  append_text(out, R"({"type":"error","error":{"type":)", s.type);
  append_text(out, R"(,"message":)", message);
  append_text(out, R"(},"request_id":)", request_id);
  return out += '}';
}

std::string openai_body(const error_shape& s, std::string_view message) {
  auto out = std::string{};
  append_text(out, R"({"error":{"message":)", message);
  append_text(out, R"(,"type":)", s.type);
  out += R"(,"param":null)";
  append_code(out, s.code);
  return out += "}}";
}

/// Clients of the Responses API take a bare error for a broken line and try again: a failed
/// response is an end that they understand.
std::string failed_response(const error_shape& s, std::string_view message,
                            std::string_view request_id, std::uint64_t sequence,
                            std::optional<milliseconds> retry_after) {
  auto out = std::string{R"({"type":"response.failed","sequence_number":)"};
  out += std::to_string(sequence);
  out += R"(,"response":{"id":)";
  append_json_string(out, "resp_" + std::string{request_id});
  out += R"(,"object":"response","status":"failed","output":[],"error":{)";
  append_text(out, R"("code":)", s.code.empty() ? s.type : s.code);
  append_text(out, R"(,"message":)",
              s.code == "rate_limit_exceeded" ? with_delay(std::string{message}, retry_after)
                                              : std::string{message});
  return out += "}}}";
}

} // namespace

error_shape shape_of(dialect d, client_error e) {
  return d == dialect::anthropic ? anthropic_shape(e) : openai_shape(e);
}

int http_status(dialect d, client_error e) { return shape_of(d, e).status; }

std::string error_body(dialect d, client_error e, std::string_view message,
                       std::string_view request_id) {
  return error_body(d, shape_of(d, e), message, request_id);
}

std::string error_body(dialect d, const error_shape& s, std::string_view message,
                       std::string_view request_id) {
  return d == dialect::anthropic ? anthropic_body(s, message, request_id) : openai_body(s, message);
}

std::string error_event(dialect d, client_error e, std::string_view message,
                        std::string_view request_id, std::uint64_t sequence,
                        std::optional<milliseconds> retry_after) {
  return error_event(d, shape_of(d, e), message, request_id, sequence, retry_after);
}

std::string error_event(dialect d, const error_shape& s, std::string_view message,
                        std::string_view request_id, std::uint64_t sequence,
                        std::optional<milliseconds> retry_after) {
  switch (d) {
    case dialect::anthropic:
      return "event: error\ndata: " + anthropic_body(s, message, request_id) + "\n\n";
    case dialect::openai_chat:
      return "data: " + openai_body(s, message) + "\n\n";
    case dialect::openai_responses:
      return "event: response.failed\ndata: " +
             failed_response(s, message, request_id, sequence, retry_after) + "\n\n";
  }
  return {};
}

std::string with_delay(std::string message, std::optional<milliseconds> retry_after) {
  constexpr auto guess = milliseconds{5000};
  if (message.find("try again in") != std::string::npos)
    return message;
  const auto seconds = (retry_after.value_or(guess).count() + 999) / 1000;
  return message + " Please try again in " + std::to_string(seconds) + "s.";
}

std::string_view ping_event(dialect d) {
  return d == dialect::anthropic ? "event: ping\ndata: {\"type\": \"ping\"}\n\n" : ": ping\n\n";
}

} // namespace axonhub::llm
