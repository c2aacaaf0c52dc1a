#include "policy/channel_types.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace axonhub::policy {
namespace {

constexpr auto claude_models =
    std::array<std::string_view, 3>{"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5"};
constexpr auto api_keys = std::array<std::string_view, 1>{"api_key"};
constexpr auto oauth_tokens = std::array<std::string_view, 1>{"oauth_token"};
constexpr auto anthropic_only = std::array{llm::dialect::anthropic};

constexpr auto table = std::array{
    channel_type{.type = "anthropic",
                 .label = "Anthropic",
                 .default_base_url = "https://api.anthropic.com",
                 .default_models = claude_models,
                 .credential_kinds = api_keys,
                 .dialects = anthropic_only,
                 .auth = auth_scheme::x_api_key},
    channel_type{.type = "claude-code",
                 .label = "Claude Code subscription",
                 .default_base_url = "https://api.anthropic.com",
                 .default_models = claude_models,
                 .credential_kinds = oauth_tokens,
                 .dialects = anthropic_only,
                 .auth = auth_scheme::bearer},
};

struct spelling {
  std::string_view given;
  std::string_view type;
};
constexpr auto spellings =
    std::array{spelling{"claudecode", "claude-code"}, spelling{"claude_code", "claude-code"}};

} // namespace

std::span<const channel_type> channel_types() { return table; }

const channel_type* find_channel_type(std::string_view name) {
  if (const auto other = std::ranges::find(spellings, name, &spelling::given);
      other != spellings.end())
    name = other->type;
  const auto row = std::ranges::find(table, name, &channel_type::type);
  return row == table.end() ? nullptr : &*row;
}

checked<const channel_type*> require_channel_type(std::string_view name) {
  if (const auto* row = find_channel_type(name))
    return row;
  auto text = "this build has no channel type \"" + std::string{name} + "\"; it has";
  for (const auto& row : table)
    text.append(&row == table.begin() ? " " : ", ").append(row.type);
  return failure{errc::invalid_argument, std::move(text)};
}

bool speaks(std::string_view type, llm::dialect d) {
  const auto* row = find_channel_type(type);
  return row != nullptr && std::ranges::find(row->dialects, d) != row->dialects.end();
}

auth_scheme effective_auth(const credential& c, std::string_view type) {
  if (c.auth != auth_scheme::automatic)
    return c.auth;
  const auto* row = find_channel_type(type);
  return row == nullptr ? auth_scheme::bearer : row->auth;
}

} // namespace axonhub::policy
