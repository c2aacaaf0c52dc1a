#include "policy/session.hpp"

#include <sodium.h>

#include <simdjson.h>
#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace axonhub::policy {
namespace {

constexpr std::size_t longest_text = 256;
constexpr std::size_t longest_user_id = 16 * 1024;
constexpr auto codex_headers =
    std::array<std::string_view, 4>{"session-id", "session_id", "thread-id", "conversation_id"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

/// The beginning for people, the hash of the whole for telling texts apart.
std::string shortened(std::string_view text) {
  auto digest = std::array<unsigned char, 16>{};
  crypto_generichash(digest.data(), digest.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  auto keep = std::size_t{200};
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xC0) == 0x80)
    --keep; // Not inside a character.
  return std::string{text.substr(0, keep)} + '~' +
         to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// A client's text made fit to be kept; empty when it is not.
std::string accepted(std::string_view text) {
  text = trimmed(text);
  if (std::ranges::any_of(text, is_control))
    return {};
  return text.size() > longest_text ? shortened(text) : std::string{text};
}

std::string session_in_json(std::string_view text) {
  auto parser = simdjson::dom::parser{};
  auto session = std::string_view{};
  if (parser.parse(simdjson::padded_string{text})["session_id"].get(session) != simdjson::SUCCESS)
    return {};
  return std::string{session};
}

std::string claude_code_session(const header_lookup& header, const body_session_facts& body) {
  if (auto text = accepted(header("x-claude-code-session-id")); !text.empty())
    return text;
  return accepted(session_in_user_id(body.user_id));
}

std::string codex_session(const header_lookup& header, const body_session_facts& body) {
  for (const auto name : codex_headers)
    if (auto text = accepted(header(name)); !text.empty())
      return text;
  // "<thread>:<number of the window>"
  const auto window = header("x-codex-window-id");
  if (auto text = accepted(window.substr(0, window.rfind(':'))); !text.empty())
    return text;
  return accepted(body.prompt_cache_key);
}

std::string find_session(const header_lookup& header, const body_session_facts& body,
                         const config::trace_settings& rules) {
  if (auto text = accepted(header(rules.trace_header)); !text.empty())
    return text;
  for (const auto& name : rules.extra_trace_headers)
    if (auto text = accepted(header(name)); !text.empty())
      return text;
  if (rules.claude_code_trace_enabled)
    if (auto text = claude_code_session(header, body); !text.empty())
      return text;
  return rules.codex_trace_enabled ? codex_session(header, body) : std::string{};
}

} // namespace

std::string session_in_user_id(std::string_view user_id) {
  constexpr auto mark = std::string_view{"_session_"};
  user_id = trimmed(user_id);
  if (user_id.size() > longest_user_id)
    return {};
  if (user_id.starts_with('{'))
    return session_in_json(user_id);
  const auto at = user_id.rfind(mark);
  return at == std::string_view::npos ? std::string{}
                                      : std::string{user_id.substr(at + mark.size())};
}

session_identity identify_session(const header_lookup& header, const body_session_facts& body,
                                  const config::trace_settings& rules) {
  auto identity = session_identity{.external_id = find_session(header, body, rules),
                                   .thread = accepted(header(rules.thread_header)),
                                   .agent_id = {},
                                   .parent_agent = {}};
  if (rules.claude_code_trace_enabled) {
    identity.agent_id = accepted(header("x-claude-code-agent-id"));
    identity.parent_agent = accepted(header("x-claude-code-parent-agent-id"));
  }
  return identity;
}

trace_id trace_id_of(const project_id& project, std::string_view external_id) {
  return {derive_id("tr_", std::string{project.text}.append(1, '\0').append(external_id))};
}

} // namespace axonhub::policy
