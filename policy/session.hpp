#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "config/config.hpp"

/// Which conversation a request belongs to. What clients say of it serves grouping and affinity
/// only, never authorization.
namespace axonhub::policy {

/// Finds a header by its name, whatever its case; empty when it is absent.
using header_lookup = std::function<std::string_view(std::string_view name)>;

/// What the body says; empty where it says nothing.
struct body_session_facts {
  std::string_view user_id{};          ///< metadata.user_id, unescaped.
  std::string_view prompt_cache_key{}; ///< Unescaped.
};

struct session_identity {
  std::string external_id; ///< The client's session text; empty: no session.
  std::string thread;
  std::string agent_id;     ///< A subagent of the session.
  std::string parent_agent; ///< The agent that started it.
};

/// The first that is there of: the trace header, the extra headers, Claude Code's header and
/// user_id, Codex's headers and prompt_cache_key. Texts with control characters count as absent;
/// ones above 256 bytes are shortened so that different ones stay different.
session_identity identify_session(const header_lookup& header, const body_session_facts& body,
                                  const config::trace_settings& rules);

/// The session in Claude Code's metadata.user_id: the JSON text's session_id, or what follows the
/// last "_session_". Empty when there is none.
std::string session_in_user_id(std::string_view user_id);

/// A trace's id: the same for a project and session text on every node and after a restart.
trace_id trace_id_of(const project_id& project, std::string_view external_id);

} // namespace axonhub::policy
