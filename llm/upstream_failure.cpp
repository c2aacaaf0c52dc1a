#include "llm/upstream_failure.hpp"

#include "base/mask.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace axonhub::llm {
namespace {

constexpr std::size_t most_message_bytes = 2048;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// How providers say that the context is full, in lower case.
constexpr auto overflow_words = std::to_array<std::string_view>(
    {"prompt is too long", "maximum context length", "context_length_exceeded",
     "exceed context limit", "exceeds the context window", "context window exceeded",
     "exceeds the maximum number of tokens allowed", "exceeded model token limit",
     "maximum prompt length is", "input is too long for requested model",
     "range of input length should be", "exceeds the available context size",
     "prompt exceeds max length", "`inputs` tokens + `max_new_tokens` must be <="});

bool tells_overflow(const upstream_error& said) {
  for (const auto* const word : {&said.code, &said.type})
    if (*word == "context_length_exceeded" || *word == "exceed_context_size_error")
      return true;
  const auto message = to_lower(said.message);
  return std::any_of(overflow_words.begin(), overflow_words.end(),
                     [&message](std::string_view w) { return has(message, w); });
}

struct judged_word {
  std::string_view word;
  upstream_trouble trouble;
};

/// What the codes and types of errors mean, in lower case; a stream has nothing else.
constexpr auto known_words = std::to_array<judged_word>({
    {"insufficient_quota", upstream_trouble::quota},
    {"billing_error", upstream_trouble::quota},
    {"usage_limit_reached", upstream_trouble::quota},
    {"billing_hard_limit_reached", upstream_trouble::quota},
    {"insufficient_balance", upstream_trouble::quota},
    {"exceeded_current_quota_error", upstream_trouble::quota},
    {"arrearage", upstream_trouble::quota},
    {"rate_limit_exceeded", upstream_trouble::rate_limit},
    {"rate_limit_error", upstream_trouble::rate_limit},
    {"rate_limit_reached_error", upstream_trouble::rate_limit},
    {"rate_limit", upstream_trouble::rate_limit},
    {"too_many_requests", upstream_trouble::rate_limit},
    {"resource_exhausted", upstream_trouble::rate_limit},
    {"throttling", upstream_trouble::rate_limit},
    {"throttling.ratequota", upstream_trouble::rate_limit},
    {"throttlingexception", upstream_trouble::rate_limit},
    {"requests", upstream_trouble::rate_limit},
    {"tokens", upstream_trouble::rate_limit},
    {"overloaded_error", upstream_trouble::overloaded},
    {"overloaded", upstream_trouble::overloaded},
    {"engine_overloaded_error", upstream_trouble::overloaded},
    {"service_unavailable", upstream_trouble::overloaded},
    {"service_unavailable_error", upstream_trouble::overloaded},
    {"serviceunavailableexception", upstream_trouble::overloaded},
    {"slow_down", upstream_trouble::overloaded},
    {"unavailable", upstream_trouble::overloaded},
    {"model_not_found", upstream_trouble::model_not_found},
    {"not_found_error", upstream_trouble::model_not_found},
    {"resource_not_found_error", upstream_trouble::model_not_found},
    {"deploymentnotfound", upstream_trouble::model_not_found},
    {"invalid_api_key", upstream_trouble::credential},
    {"authentication_error", upstream_trouble::credential},
    {"invalid_authentication_error", upstream_trouble::credential},
    {"incorrect_api_key_error", upstream_trouble::credential},
    {"permission_error", upstream_trouble::credential},
    {"permission_denied", upstream_trouble::credential},
    {"unauthenticated", upstream_trouble::credential},
    {"request_too_large", upstream_trouble::too_large},
    {"conflict_error", upstream_trouble::conflict},
    {"timeout_error", upstream_trouble::timeout},
    {"timeout", upstream_trouble::timeout},
    {"deadline_exceeded", upstream_trouble::timeout},
    {"invalid_request_error", upstream_trouble::invalid_request},
    {"invalid_prompt", upstream_trouble::invalid_request},
    {"invalid_argument", upstream_trouble::invalid_request},
    {"bad_request", upstream_trouble::invalid_request},
    {"badrequesterror", upstream_trouble::invalid_request},
    {"validationexception", upstream_trouble::invalid_request},
    {"server_error", upstream_trouble::broken},
    {"api_error", upstream_trouble::broken},
});

std::optional<upstream_trouble> judge_word(std::string_view word) {
  const auto* const found =
      std::find_if(known_words.begin(), known_words.end(),
                   [word](const judged_word& w) { return equals_ignoring_case(w.word, word); });
  return found == known_words.end() ? std::nullopt : std::optional{found->trouble};
}

upstream_trouble judge_status(int status) {
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
  return status / 100 == 4 ? upstream_trouble::invalid_request : upstream_trouble::broken;
}

/// A code says more than a type, which may be no more than what ran out ("tokens").
upstream_trouble judge_words(const upstream_error& said, int otherwise) {
  if (const auto told = judge_word(said.code))
    return *told;
  if (otherwise == 0 && said.status != 0)
    return judge_status(said.status);
  return judge_word(said.type).value_or(judge_status(otherwise));
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

/// The number at the front, thousands' commas left out.
std::optional<std::uint64_t> number_at(std::string_view text) {
  auto digits = std::string{};
  for (const auto c : text) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if (c != ',' || digits.empty())
      break;
  }
  return parse_decimal<std::uint64_t>(digits);
}

/// A place of a number: right behind `before`, or right in front of `after`.
struct number_place {
  std::string_view before, after;
};

std::optional<std::uint64_t> find_number(std::string_view text, number_place where) {
  if (where.after.empty()) {
    const auto at = text.find(where.before);
    return at == std::string_view::npos ? std::nullopt
                                        : number_at(text.substr(at + where.before.size()));
  }
  const auto at = text.find(where.after);
  if (at == std::string_view::npos)
    return std::nullopt;
  const auto front = text.substr(0, at);
  return number_at(front.substr(front.find_last_not_of("0123456789,") + 1));
}

std::optional<std::uint64_t> find_number(std::string_view text,
                                         std::initializer_list<number_place> places) {
  for (const auto& where : places)
    if (const auto number = find_number(text, where))
      return number;
  return std::nullopt;
}

/// The numbers of an overflow, as far as they were told.
struct overflow {
  std::optional<std::uint64_t> window, prompt; ///< Prompt: everything that was asked for.
  std::optional<std::uint64_t> input, output;  ///< Its two parts.
};

/// Reads a sentence in lower case.
overflow read_overflow(std::string_view said) {
  auto o = overflow{};
  o.window = find_number(said, {{"maximum context length is ", ""},
                                {"maximum context length of ", ""},
                                {"", " maximum context length"},
                                {"maximum prompt length is ", ""},
                                {"context window of ", ""},
                                {"token limit: ", ""},
                                {"available context size (", ""},
                                {"input length should be [1, ", ""},
                                {"tokens allowed (", ""},
                                {"`max_new_tokens` must be <= ", ""},
                                {"maximum of ", ""}});
  o.prompt = find_number(said, {{"resulted in ", ""},
                                {"you requested a total of ", ""},
                                {"you requested about ", ""},
                                {"you requested ", ""},
                                {"requested: ", ""},
                                {"contains ", ""},
                                {"token count (", ""},
                                {"input length of ", ""},
                                {"has at least ", ""},
                                {"request (", ""}});
  o.input = find_number(said, {{"", " in the messages"},
                               {"", " of text input"},
                               {"", " tokens from the input"},
                               {"", " `inputs` tokens"},
                               {"your request has ", ""}});
  if (const auto tools = find_number(said, {{"", " of tool input"}, {"", " in the functions"}}))
    o.input = o.input.value_or(0) + *tools;
  o.output = find_number(said, {{"", " in the completion"},
                                {"", " in the output"},
                                {"", " tokens for the completion"},
                                {"", " `max_new_tokens`."},
                                {"is too large: ", ""}});
  return o;
}

/// Anthropic's two sentences, by which its clients know what to do.
std::string overflow_for_anthropic(const std::string& said) {
  if (has(said, "prompt is too long") || has(said, "exceed context limit"))
    return said;
  const auto [window, prompt, input, output] = read_overflow(to_lower(said));
  if (window && input && output && *input <= *window && *input + *output > *window)
    return "input length and `max_tokens` exceed context limit: " + std::to_string(*input) + " + " +
           std::to_string(*output) + " > " + std::to_string(*window) +
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
  else if (status == 0 || status == 429)
    failed.trouble = judge_words(said, status);
  else
    failed.trouble = judge_status(status);
  failed.message = masked(shorten(said.message));
  return failed;
}

upstream_failure judge_error(client_error e, std::string_view message,
                             std::optional<milliseconds> retry_after) {
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
  return {trouble(), std::string{message}, retry_after};
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

std::string_view response_code(upstream_trouble trouble) {
  switch (trouble) {
    case upstream_trouble::rate_limit:
    case upstream_trouble::quota:
      return "rate_limit_exceeded";
    case upstream_trouble::context_overflow:
      return "context_length_exceeded";
    case upstream_trouble::invalid_request:
      return "invalid_prompt";
    default:
      return "server_error";
  }
}

std::string event_for(dialect to, const upstream_failure& failed, std::string_view request_id,
                      std::uint64_t sequence) {
  auto shape = shape_of(to, failed.trouble);
  if (to == dialect::openai_responses)
    shape.code = response_code(failed.trouble);
  return error_event(to, shape, message_for(to, failed), request_id, sequence, failed.retry_after);
}

converted_error convert_error(dialect to, int status, std::string_view body,
                              std::string_view request_id) {
  return error_for(to, judge_error(status, read_any_error(status, body)), request_id);
}

} // namespace axonhub::llm
