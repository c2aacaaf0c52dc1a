#include "policy/failure.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "llm/upstream_failure.hpp"

namespace axonhub::policy {
namespace {

/// Finds an ASCII word whatever its case; `needle` is in lower case.
bool mentions(std::string_view text, std::string_view needle) {
  return std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                     [](char a, char b) { return to_lower(a) == b; }) != text.end();
}

/// Sealed reasoning that it did not make, or that another provider left where this one has none:
/// Anthropic's of thinking, OpenAI's of encrypted content.
bool blames_signature(std::string_view error_type, std::string_view message) {
  if (error_type == "invalid_encrypted_content")
    return true;
  return (mentions(message, "thinking") &&
          (mentions(message, "signature") || mentions(message, "cannot be modified") ||
           mentions(message, "final block in an assistant message") ||
           mentions(message, "expected `thinking`"))) ||
         (mentions(message, "redacted_thinking") && mentions(message, "invalid")) ||
         (mentions(message, "encrypted content") && mentions(message, "could not be"));
}

bool blames_balance(std::string_view error_type, std::string_view message) {
  return error_type == "billing_error" || mentions(message, "credit balance is too low");
}

/// Some providers judge the prompt itself this way.
bool blames_content(std::string_view message) {
  return mentions(message, "flagged") || mentions(message, "moderation");
}

/// Whom a 403 is about. One without a readable error comes from something in front of the provider:
/// that passes, and no credential is to blame.
failure_kind classify_forbidden(std::string_view error_type, std::string_view message) {
  if (blames_content(message))
    return failure_kind::client_error;
  return error_type.empty() && message.empty() ? failure_kind::bad_answer
                                               : failure_kind::unauthorized;
}

failure_kind classify_client_error(std::uint16_t status, std::string_view error_type,
                                   std::string_view message, bool names_model) {
  if (status == 404 && (names_model || error_type == "model_not_found"))
    return failure_kind::model_not_found;
  if (status == 400 && blames_signature(error_type, message))
    return failure_kind::signature;
  if (status == 400 && blames_balance(error_type, message))
    return failure_kind::billing;
  return failure_kind::client_error;
}

} // namespace

failure_rule rule_for(failure_kind kind) {
  using enum failure_kind;
  constexpr auto here_then_next = [](health_effect effect) {
    return failure_rule{.retry_here = true, .next_channel = true, .effect = effect};
  };
  constexpr auto next_at_once = [](health_effect effect) {
    return failure_rule{.next_channel = true, .effect = effect};
  };
  constexpr auto give_up = [](health_effect effect) { return failure_rule{.effect = effect}; };
  switch (kind) {
    case stale_connection:
      return here_then_next(health_effect::none);
    case connect:
    case reset:
      return here_then_next(health_effect::breaker);
    case server_error:
    case overloaded:
    case bad_answer:
      return here_then_next(health_effect::cooldown);
    case resolve:
    case tls:
    case connect_timeout:
    case first_byte_timeout:
    case first_event_timeout:
    case total_timeout:
    case protocol:
      return next_at_once(health_effect::breaker);
    case redirect:
      return next_at_once(health_effect::cooldown);
    case address_refused:
    case unconvertible:
      return next_at_once(health_effect::none);
    case rate_limited:
      return {.other_credential = true,
              .next_channel = true,
              .effect = health_effect::credential_cooldown};
    case model_not_found:
      return next_at_once(health_effect::model_absent);
    case unauthorized:
    case billing:
      return {.other_credential = true,
              .next_channel = true,
              .effect = health_effect::credential_bench};
    case signature:
    case client_error:
      return give_up(health_effect::none);
    case stall:
    case cut:
    case stream_error:
      return give_up(health_effect::breaker);
  }
  return give_up(health_effect::none);
}

bool blames_model(failure_kind kind) {
  return kind == failure_kind::model_not_found || kind == failure_kind::overloaded;
}

bool is_telling(std::string_view code) {
  return code == "insufficient_quota" || code == "model_not_found" ||
         code == "invalid_encrypted_content";
}

failure_kind classify_status(std::uint16_t status, std::string_view error_type,
                             std::string_view message, bool names_model) {
  switch (status) {
    case 401:
      return failure_kind::unauthorized;
    case 403:
      return classify_forbidden(error_type, message);
    case 402:
      return failure_kind::billing;
    case 407: // A proxy on the upstream's side.
    case 408: // The upstream's own clock: our request was complete.
    case 425:
      return failure_kind::server_error;
    case 429:
      return error_type == "insufficient_quota" ? failure_kind::billing
                                                : failure_kind::rate_limited;
    case 529:
      return failure_kind::overloaded;
    default:
      break;
  }
  if (status >= 300 && status < 400)
    return failure_kind::redirect;
  if (status >= 400 && status < 500)
    return classify_client_error(status, error_type, message, names_model);
  if (status >= 500 && status < 600)
    return error_type == "overloaded_error" ? failure_kind::overloaded : failure_kind::server_error;
  return failure_kind::protocol;
}

failure_kind classify_stream_error(const llm::upstream_error& said) {
  using enum llm::upstream_trouble;
  switch (llm::judge_error(0, said).trouble) {
    case context_overflow:
    case conflict:
    case too_large:
      return failure_kind::client_error;
    case invalid_request:
      return classify_client_error(400, said.type, said.message, false);
    case credential:
      return failure_kind::unauthorized;
    case quota:
      return failure_kind::billing;
    case model_not_found:
      return failure_kind::model_not_found;
    case rate_limit:
      return failure_kind::rate_limited;
    case overloaded:
      return failure_kind::overloaded;
    case timeout:
    case broken:
      break;
  }
  return failure_kind::server_error;
}

std::string_view to_text(failure_kind kind) {
  using enum failure_kind;
  switch (kind) {
    case stale_connection:
      return "stale_connection";
    case resolve:
      return "resolve";
    case address_refused:
      return "address_refused";
    case connect:
      return "connect";
    case reset:
      return "reset";
    case tls:
      return "tls";
    case connect_timeout:
      return "connect_timeout";
    case first_byte_timeout:
      return "first_byte_timeout";
    case first_event_timeout:
      return "first_event_timeout";
    case total_timeout:
      return "total_timeout";
    case server_error:
      return "server_error";
    case overloaded:
      return "overloaded";
    case bad_answer:
      return "bad_answer";
    case protocol:
      return "protocol";
    case redirect:
      return "redirect";
    case rate_limited:
      return "rate_limited";
    case unauthorized:
      return "unauthorized";
    case billing:
      return "billing";
    case model_not_found:
      return "model_not_found";
    case signature:
      return "signature";
    case client_error:
      return "client_error";
    case unconvertible:
      return "unconvertible";
    case stall:
      return "stall";
    case cut:
      return "cut";
    case stream_error:
      return "stream_error";
  }
  return "unknown";
}

} // namespace axonhub::policy
