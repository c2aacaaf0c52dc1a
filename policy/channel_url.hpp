#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "llm/dialect.hpp"

/// From a channel's base URL to the address of one call.
namespace axonhub::policy {

/// The calls that clients make and upstreams answer.
enum class endpoint : std::uint8_t { messages, count_tokens, chat_completions, responses, models };

/// The dialect of a call's body; nullopt for one that has none.
std::optional<llm::dialect> dialect_of(endpoint e);

/// The call that asks an upstream of this dialect for what a client's call asks.
endpoint endpoint_for(endpoint client_call, llm::dialect upstream);

/// The address of a call at a channel of this type; an empty `base_url` means the type's own. A
/// base URL of Anthropic's format gets "/v1" unless it ends so; another does unless its last
/// segment is a version ("v1", "v4", "v1beta"). One ending in '#' gets none; one ending in '##' is
/// the address of the type's own call as it stands and has no other: nullopt for those, and for a
/// type this build lacks.
std::optional<std::string> upstream_url(std::string_view base_url, std::string_view type,
                                        endpoint e);

/// The host of a base URL, without a port; empty when it has none.
std::string_view host_of(std::string_view base_url);

/// Whether a base URL can be called: http or https, a host, neither user nor query. Says what is
/// wrong; an empty one is fine, it means the type's own.
checked<void> check_base_url(std::string_view base_url);

} // namespace axonhub::policy
