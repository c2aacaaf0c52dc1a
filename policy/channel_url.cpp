#include "policy/channel_url.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "policy/channel_types.hpp"

namespace axonhub::policy {
namespace {

std::string_view path_of(endpoint e) {
  switch (e) {
    case endpoint::messages:
      return "/messages";
    case endpoint::count_tokens:
      return "/messages/count_tokens";
    case endpoint::chat_completions:
      return "/chat/completions";
    case endpoint::responses:
      return "/responses";
    case endpoint::models:
      return "/models";
  }
  return {};
}

std::string_view without_slashes_at_end(std::string_view text) {
  while (text.ends_with('/'))
    text.remove_suffix(1);
  return text;
}

/// "v1", "v4", "v1beta": a letter, a digit and whatever else belongs to a version.
bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

bool has_version(std::string_view base, llm::dialect d) {
  if (d == llm::dialect::anthropic)
    return base.ends_with("/v1");
  return is_version(base.substr(base.rfind('/') + 1));
}

endpoint own_call(llm::dialect d) { return endpoint_for(endpoint::messages, d); }

failure invalid(std::string text) { return {errc::invalid_argument, std::move(text)}; }

} // namespace

std::optional<llm::dialect> dialect_of(endpoint e) {
  switch (e) {
    case endpoint::messages:
    case endpoint::count_tokens:
      return llm::dialect::anthropic;
    case endpoint::chat_completions:
      return llm::dialect::openai_chat;
    case endpoint::responses:
      return llm::dialect::openai_responses;
    case endpoint::models:
      break;
  }
  return std::nullopt;
}

endpoint endpoint_for(endpoint client_call, llm::dialect upstream) {
  if (client_call == endpoint::count_tokens || client_call == endpoint::models)
    return client_call;
  switch (upstream) {
    case llm::dialect::anthropic:
      return endpoint::messages;
    case llm::dialect::openai_chat:
      return endpoint::chat_completions;
    case llm::dialect::openai_responses:
      return endpoint::responses;
  }
  return client_call;
}

std::optional<std::string> upstream_url(std::string_view base_url, std::string_view type,
                                        endpoint e) {
  const auto* row = find_channel_type(type);
  if (row == nullptr)
    return std::nullopt;
  auto base = trimmed(base_url);
  if (base.empty())
    base = row->default_base_url;
  const auto d = row->traits.speaks;
  if (base.ends_with("##")) {
    base.remove_suffix(2);
    return e == own_call(d) ? std::optional{std::string{base}} : std::nullopt;
  }
  const auto bare = base.ends_with('#');
  if (bare)
    base.remove_suffix(1);
  base = without_slashes_at_end(base);
  auto url = std::string{base};
  if (!bare && !has_version(base, d))
    url += "/v1";
  return url.append(path_of(e));
}

std::string_view host_of(std::string_view base_url) {
  base_url = trimmed(base_url);
  const auto scheme = base_url.find("://");
  if (scheme == std::string_view::npos)
    return {};
  const auto authority =
      base_url.substr(scheme + 3, base_url.find_first_of("/?#", scheme + 3) - scheme - 3);
  return authority.substr(0, authority.rfind(':'));
}

checked<void> check_base_url(std::string_view base_url) {
  auto rest = trimmed(base_url);
  if (rest.empty())
    return {};
  if (starts_with_ignoring_case(rest, "https://"))
    rest.remove_prefix(8);
  else if (starts_with_ignoring_case(rest, "http://"))
    rest.remove_prefix(7);
  else
    return invalid("base_url must begin with https:// or http://");
  for (auto marks = 0; marks < 2 && rest.ends_with('#'); ++marks)
    rest.remove_suffix(1);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty() || authority.front() == ':')
    return invalid("base_url names no host");
  if (authority.find('@') != std::string_view::npos)
    return invalid("base_url must not hold a user or password; use a credential");
  if (rest.find_first_of("?#") != std::string_view::npos)
    return invalid("base_url must not hold a query or a fragment");
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::ranges::any_of(rest, is_odd))
    return invalid("base_url must not hold blanks or control characters");
  return {};
}

} // namespace axonhub::policy
