#include "llm/upstream_failure.hpp"

#include "base/mask.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace axonhub::llm {
namespace {

constexpr std::size_t most_message_bytes = 2048;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool tells_overflow(const upstream_error& said) {
  if (said.code == "context_length_exceeded" || said.type == "context_length_exceeded")
    return true;
  static constexpr auto wordings =
      std::array<std::string_view, 7>{"prompt is too long",
                                      "maximum context length",
                                      "context_length_exceeded",
                                      "exceed context limit",
                                      "exceeds the context window",
                                      "context window exceeded",
                                      "exceeds the maximum number of tokens allowed"};
  return std::any_of(wordings.begin(), wordings.end(),
                     [&said](std::string_view w) { return has(said.message, w); });
}

/// What the words say; a stream has nothing else.
std::optional<upstream_trouble> judge_words(const upstream_error& said) {
  const auto is = [&said](std::string_view word) { return said.type == word || said.code == word; };
  if (is("insufficient_quota") || is("billing_error") || is("usage_limit_reached"))
    return upstream_trouble::quota;
  if (is("rate_limit_exceeded") || is("rate_limit_error"))
    return upstream_trouble::rate_limit;
  if (is("overloaded_error") || is("overloaded"))
    return upstream_trouble::overloaded;
  if (is("model_not_found") || is("not_found_error"))
    return upstream_trouble::model_not_found;
  if (is("invalid_api_key") || is("authentication_error") || is("permission_error"))
    return upstream_trouble::credential;
  if (is("request_too_large"))
    return upstream_trouble::too_large;
  if (is("timeout_error") || is("timeout"))
    return upstream_trouble::timeout;
  return std::nullopt;
}

upstream_trouble judge_status(int status, const upstream_error& said) {
  switch (status) {
    case 401:
    case 403:
      return upstream_trouble::credential;
    case 402:
      return upstream_trouble::quota;
    case 404:
      return upstream_trouble::model_not_found;
    case 408:
    case 504:
      return upstream_trouble::timeout;
    case 409:
      return upstream_trouble::conflict;
    case 413:
      return upstream_trouble::too_large;
    case 429:
      return upstream_trouble::rate_limit;
    case 503:
    case 529:
      return upstream_trouble::overloaded;
    default:
      break;
  }
  const auto invalid = said.type == "invalid_request_error" || said.code == "invalid_prompt";
  return status / 100 == 4 || (status == 0 && invalid) ? upstream_trouble::invalid_request
                                                       : upstream_trouble::broken;
}

/// At most 2 kB, not cut inside a character.
std::string_view shorten(std::string_view text) {
  if (text.size() <= most_message_bytes)
    return text;
  auto end = most_message_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

/// Providers like to repeat the key that they refuse.
/// The number behind `words`, thousands' commas left out.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view words) {
  auto at = text.find(words);
  if (at == std::string_view::npos)
    return std::nullopt;
  auto digits = std::string{};
  for (at += words.size(); at < text.size(); ++at) {
    if (text[at] >= '0' && text[at] <= '9')
      digits += text[at];
    else if (text[at] != ',' || digits.empty())
      break;
  }
  auto number = std::uint64_t{};
  const auto* const end = digits.data() + digits.size();
  if (digits.empty() || std::from_chars(digits.data(), end, number).ec != std::errc{})
    return std::nullopt;
  return number;
}

/// The number in front of `words`.
std::optional<std::uint64_t> number_before(std::string_view text, std::string_view words) {
  const auto at = text.find(words);
  if (at == std::string_view::npos)
    return std::nullopt;
  const auto front = text.substr(0, at);
  const auto other = front.find_last_not_of("0123456789,");
  return number_after(front.substr(other == std::string_view::npos ? 0 : other + 1), "");
}

template <std::size_t N>
std::optional<std::uint64_t> number_after(std::string_view text,
                                          const std::array<std::string_view, N>& words) {
  for (const auto w : words)
    if (const auto number = number_after(text, w))
      return number;
  return std::nullopt;
}

/// Anthropic's two sentences, by which its clients know what to do.
std::string overflow_for_anthropic(const std::string& said) {
  if (has(said, "prompt is too long") || has(said, "exceed context limit"))
    return said;
  static constexpr auto window_words =
      std::array<std::string_view, 4>{"maximum context length is ", "maximum context length of ",
                                      "context window of ", "maximum of "};
  static constexpr auto prompt_words =
      std::array<std::string_view, 6>{"resulted in ", "you requested ",   "requested about ",
                                      "contains ",    "input length of ", "has at least "};
  const auto window = number_after(said, window_words);
  const auto prompt = number_after(said, prompt_words);
  auto messages = number_before(said, " in the messages");
  if (!messages)
    messages = number_before(said, " of text input");
  const auto output = number_before(said, " in the completion");
  if (window && messages && output && *messages <= *window)
    return "input length and `max_tokens` exceed context limit: " + std::to_string(*messages) +
           " + " + std::to_string(*output) + " > " + std::to_string(*window) +
           ", decrease input length or `max_tokens` and try again";
  if (window && prompt && *prompt > *window)
    return "prompt is too long: " + std::to_string(*prompt) + " tokens > " +
           std::to_string(*window) + " maximum";
  return "prompt is too long: " + said;
}

bool is_page(std::string_view body) {
  const auto at = body.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && body[at] == '<';
}

/// The upstream's words, or ours about what it sent instead.
upstream_error read_any_error(int status, std::string_view body) {
  auto said = read_error_body(body);
  if (!said.message.empty())
    return said;
  said.message = "The upstream answered HTTP " + std::to_string(status);
  if (is_page(body))
    said.message += " with a page: ";
  else if (!body.empty())
    said.message += ": ";
  said.message += body;
  return said;
}

} // namespace

upstream_failure judge_error(int status, const upstream_error& said) {
  auto failed = upstream_failure{};
  const auto may_overflow = status == 0 || status == 400 || status == 413 || status == 422;
  if (may_overflow && tells_overflow(said))
    failed.trouble = upstream_trouble::context_overflow;
  else if (const auto told = status == 0 || status == 429 ? judge_words(said) : std::nullopt)
    failed.trouble = *told;
  else
    failed.trouble = judge_status(status, said);
  failed.message = masked(shorten(said.message));
  return failed;
}

upstream_failure judge_error(client_error e, std::string_view message) {
  const auto trouble = [e] {
    switch (e) {
      case client_error::rate_limited:
      case client_error::billing:
        return upstream_trouble::rate_limit;
      case client_error::overloaded:
      case client_error::unavailable:
        return upstream_trouble::overloaded;
      case client_error::timeout:
        return upstream_trouble::timeout;
      case client_error::invalid_request:
        return upstream_trouble::invalid_request;
      default:
        return upstream_trouble::broken;
    }
  };
  return {trouble(), std::string{message}};
}

error_shape shape_of(dialect d, upstream_trouble trouble) {
  constexpr std::string_view invalid = "invalid_request_error";
  constexpr std::string_view server = "server_error";
  const auto claude = d == dialect::anthropic;
  switch (trouble) {
    case upstream_trouble::invalid_request:
      return {400, invalid, ""};
    case upstream_trouble::context_overflow:
      return {400, invalid, claude ? "" : "context_length_exceeded"};
    case upstream_trouble::model_not_found:
      return claude ? error_shape{404, "not_found_error", ""}
                    : error_shape{404, invalid, "model_not_found"};
    case upstream_trouble::conflict:
      return {409, claude ? "conflict_error" : invalid, ""};
    case upstream_trouble::too_large:
      return {413, claude ? "request_too_large" : invalid, ""};
    case upstream_trouble::quota:
    case upstream_trouble::rate_limit:
      return {429, "rate_limit_error", claude ? "" : "rate_limit_exceeded"};
    case upstream_trouble::overloaded:
      return claude ? error_shape{529, "overloaded_error", ""} : error_shape{503, server, ""};
    case upstream_trouble::timeout:
      return {504, claude ? "timeout_error" : server, ""};
    case upstream_trouble::credential:
    case upstream_trouble::broken:
      break;
  }
  return claude ? error_shape{500, "api_error", ""} : error_shape{502, server, ""};
}

std::string message_for(dialect d, const upstream_failure& failed) {
  if (failed.trouble == upstream_trouble::credential)
    return "The upstream refused the gateway's credential";
  if (failed.trouble == upstream_trouble::context_overflow && d == dialect::anthropic)
    return overflow_for_anthropic(failed.message);
  return failed.message;
}

converted_error error_for(dialect to, const upstream_failure& failed, std::string_view request_id) {
  const auto shape = shape_of(to, failed.trouble);
  return {shape.status, error_body(to, shape, message_for(to, failed), request_id)};
}

std::string event_for(dialect to, const upstream_failure& failed, std::string_view request_id) {
  return error_event(to, shape_of(to, failed.trouble), message_for(to, failed), request_id);
}

converted_error convert_error(dialect to, int status, std::string_view body,
                              std::string_view request_id) {
  return error_for(to, judge_error(status, read_any_error(status, body)), request_id);
}

} // namespace axonhub::llm
