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

failure invalid(std::string text) { return {errc::invalid_argument, std::move(text)}; }

} // namespace

std::optional<std::string> upstream_url(std::string_view base_url, std::string_view type,
                                        endpoint e) {
  const auto* row = find_channel_type(type);
  if (row == nullptr)
    return std::nullopt;
  auto base = trimmed(base_url);
  if (base.empty())
    base = row->default_base_url;
  if (base.ends_with("##")) {
    base.remove_suffix(2);
    return e == endpoint::messages ? std::optional{std::string{base}} : std::nullopt;
  }
  const auto bare = base.ends_with('#');
  if (bare)
    base.remove_suffix(1);
  base = without_slashes_at_end(base);
  auto url = std::string{base};
  if (!bare && !base.ends_with("/v1"))
    url += "/v1";
  return url.append(path_of(e));
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
