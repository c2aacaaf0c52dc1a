#pragma once

#include "llm/byte_span.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// Small cuts in requests that stay in their dialect: everything else keeps its bytes. A `body` has
/// body_padding free bytes behind its end.
namespace axonhub::llm {

/// The first system block of Claude Code, which names its version and changes from time to time:
/// third parties' prefix caches hold longer without it. What to cut, its comma included; nothing if
/// there is none, or it is the whole system prompt in one string.
std::optional<byte_span> find_billing_line(const std::string& body);

enum class foreign_thoughts : std::uint8_t {
  unsigned_ones, ///< With an empty signature, or one of this gateway's: no provider signed them.
  all,           ///< Another provider or model signed them, and this one said so.
};

/// Whether a thought with an empty signature or one of ours may be inside. Cheap; a tool's argument
/// of the name "signature" may pass for one.
bool may_hold_unsigned_thoughts(const std::string& body);

/// The request without those thoughts; nothing if there is nothing to change. A message that held
/// nothing else goes too. Where the running tool loop then lacks the thought that a budget of
/// thinking demands, thinking is disabled, together with the edits of the context that need it; of
/// a request that was refused also if the loop never had one. What comes out has body_padding free
/// bytes behind its end.
std::optional<std::string> without_thoughts(const std::string& body, foreign_thoughts which);

/// Whether a Responses request may hold sealed reasoning that is one of this gateway's carriers.
bool may_hold_carried_reasoning(const std::string& body);

/// A Responses request without its items of reasoning, or without those alone that carry what no
/// Responses account has made; nothing if it held none.
std::optional<std::string> without_reasoning(const std::string& body, foreign_thoughts which);

} // namespace axonhub::llm
