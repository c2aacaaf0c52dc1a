#include "policy/channel_types.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace axonhub::policy {
namespace {

using llm::dialect;
using llm::output_limit_field;
using llm::reasoning_form;
using llm::upstream_traits;

template <class... Texts>
constexpr auto names(Texts... texts) {
  return std::array<std::string_view, sizeof...(Texts)>{texts...};
}

constexpr auto claude_models = names("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5");
constexpr auto gpt_models = names("gpt-5.5");
constexpr auto deepseek_models = names("deepseek-chat", "deepseek-reasoner");
constexpr auto api_keys = names("api_key");
constexpr auto oauth_tokens = names("oauth_token");

// More is answered with 400.
constexpr auto deepseek_limits =
    std::array{output_limit{"deepseek-chat", 8192}, output_limit{"deepseek-reasoner", 65536}};

constexpr auto claude_efforts = llm::effort_range{llm::effort_level::low, llm::effort_level::max};

constexpr auto anthropic_itself = upstream_traits{.is_anthropic = true,
                                                  .billing = llm::billing_line::keep,
                                                  .default_max_tokens = 32000,
                                                  .files = true,
                                                  .efforts = claude_efforts,
                                                  .cache_marks = true};

/// What another provider understands under Anthropic's name.
constexpr auto like_anthropic =
    upstream_traits{.efforts = claude_efforts, .adaptive_thinking = false, .json_schema = false};

constexpr auto openai_itself =
    upstream_traits{.speaks = dialect::openai_chat,
                    .is_openai = true,
                    .files = true,
                    .prompt_cache_key = true,
                    .output_limit = output_limit_field::max_completion_tokens,
                    .developer_role = true,
                    .strict_tools = true,
                    .effort_beside_tools = false}; // of the models that policy/model_facts names

/// What most servers understand that call themselves compatible.
constexpr auto like_openai = upstream_traits{
    .speaks = dialect::openai_chat, .parallel_tool_calls = false, .json_schema = false};

constexpr auto openai_responses = upstream_traits{.speaks = dialect::openai_responses,
                                                  .is_openai = true,
                                                  .files = true,
                                                  .prompt_cache_key = true,
                                                  .strict_tools = true};

constexpr upstream_traits deepseek_traits() {
  auto t = like_openai;
  t.images = false;
  t.reasons = false;
  t.reasoning = reasoning_form::reasoning_content;
  t.thinking_switch = true;
  return t;
}

constexpr upstream_traits thinking_openai_traits() {
  auto t = like_openai;
  t.reasoning = reasoning_form::reasoning_content;
  t.reasons = false;
  t.thinking_switch = true;
  return t;
}

/// Most of their models refuse an effort; policy/model_facts knows those that take one.
constexpr upstream_traits effortless_traits() {
  auto t = like_openai;
  t.reasons = false;
  return t;
}

/// It refuses fields that it does not know, and orders of roles. Its streams tell their usage
/// unasked.
constexpr upstream_traits mistral_traits() {
  auto t = like_openai;
  t.reasons = false;
  t.late_system = false;
  t.user_after_results = false;
  t.stream_options = false;
  t.parallel_tool_calls = true;
  t.json_schema = true;
  t.end_user = false;
  t.short_ids = true;
  return t;
}

constexpr upstream_traits openrouter_traits() {
  auto t = like_openai;
  t.reasoning = reasoning_form::reasoning_details;
  t.parallel_tool_calls = true;
  t.json_schema = true;
  t.cache_control = true;
  t.files = true;
  return t;
}

constexpr upstream_traits deepseek_anthropic_traits() {
  auto t = like_anthropic;
  t.images = false;
  return t;
}

// One row for each provider. `compatible` is what a base URL of somebody else's is taken for.
constexpr auto table = std::array{
    channel_type{.type = "anthropic",
                 .label = "Anthropic",
                 .default_base_url = "https://api.anthropic.com",
                 .default_models = claude_models,
                 .credential_kinds = api_keys,
                 .auth = auth_scheme::x_api_key,
                 .traits = anthropic_itself,
                 .server_tools = true},
    channel_type{.type = "claude-code",
                 .label = "Claude Code subscription",
                 .default_base_url = "https://api.anthropic.com",
                 .default_models = claude_models,
                 .credential_kinds = oauth_tokens,
                 .traits = anthropic_itself,
                 .server_tools = true},
    channel_type{.type = "openai",
                 .label = "OpenAI Chat Completions, or any server compatible with it",
                 .default_base_url = "https://api.openai.com/v1",
                 .default_models = gpt_models,
                 .credential_kinds = api_keys,
                 .traits = openai_itself,
                 .compatible = &like_openai},
    channel_type{.type = "openai-responses",
                 .label = "OpenAI Responses",
                 .default_base_url = "https://api.openai.com/v1",
                 .default_models = gpt_models,
                 .credential_kinds = api_keys,
                 .traits = openai_responses,
                 .server_tools = true},
    channel_type{.type = "deepseek",
                 .label = "DeepSeek",
                 .default_base_url = "https://api.deepseek.com/v1",
                 .default_models = deepseek_models,
                 .credential_kinds = api_keys,
                 .traits = deepseek_traits(),
                 .output_limits = deepseek_limits},
    channel_type{.type = "openrouter",
                 .label = "OpenRouter",
                 .default_base_url = "https://openrouter.ai/api/v1",
                 .credential_kinds = api_keys,
                 .traits = openrouter_traits()},
    channel_type{.type = "moonshot",
                 .label = "Moonshot AI (Kimi)",
                 .default_base_url = "https://api.moonshot.ai/v1",
                 .credential_kinds = api_keys,
                 .traits = thinking_openai_traits()},
    channel_type{.type = "zai",
                 .label = "Z.ai (GLM)",
                 .default_base_url = "https://api.z.ai/api/paas/v4",
                 .credential_kinds = api_keys,
                 .traits = thinking_openai_traits()},
    channel_type{.type = "groq",
                 .label = "Groq",
                 .default_base_url = "https://api.groq.com/openai/v1",
                 .credential_kinds = api_keys,
                 .traits = effortless_traits()},
    channel_type{.type = "mistral",
                 .label = "Mistral AI",
                 .default_base_url = "https://api.mistral.ai/v1",
                 .credential_kinds = api_keys,
                 .traits = mistral_traits()},
    channel_type{.type = "ollama",
                 .label = "Ollama on this machine",
                 .default_base_url = "http://127.0.0.1:11434/v1",
                 .credential_kinds = api_keys,
                 .traits = effortless_traits()},
    channel_type{.type = "deepseek_anthropic",
                 .label = "DeepSeek, Anthropic format",
                 .default_base_url = "https://api.deepseek.com/anthropic",
                 .default_models = deepseek_models,
                 .credential_kinds = api_keys,
                 .auth = auth_scheme::x_api_key,
                 .traits = deepseek_anthropic_traits(),
                 .output_limits = deepseek_limits},
    channel_type{.type = "moonshot_anthropic",
                 .label = "Moonshot AI (Kimi), Anthropic format",
                 .default_base_url = "https://api.moonshot.ai/anthropic",
                 .credential_kinds = api_keys,
                 .traits = like_anthropic},
    channel_type{.type = "zai_anthropic",
                 .label = "Z.ai (GLM), Anthropic format",
                 .default_base_url = "https://api.z.ai/api/anthropic",
                 .credential_kinds = api_keys,
                 .traits = like_anthropic},
};

struct spelling {
  std::string_view given;
  std::string_view type;
};
constexpr auto spellings = std::to_array<spelling>({
    {"claudecode", "claude-code"},
    {"claude_code", "claude-code"},
    {"openai_responses", "openai-responses"},
    {"deepseek-anthropic", "deepseek_anthropic"},
    {"moonshot-anthropic", "moonshot_anthropic"},
    {"zai-anthropic", "zai_anthropic"},
});

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

auth_scheme effective_auth(const credential& c, std::string_view type) {
  if (c.auth != auth_scheme::automatic)
    return c.auth;
  const auto* row = find_channel_type(type);
  return row == nullptr ? auth_scheme::bearer : row->auth;
}

} // namespace axonhub::policy
