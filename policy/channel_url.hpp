#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

/// From a channel's base URL to the address of one call.
namespace axonhub::policy {

/// The calls that an upstream answers.
enum class endpoint : std::uint8_t { messages, count_tokens, models };

/// The address of a call at a channel of this type; an empty `base_url` means the type's own. A
/// base URL ending in '#' gets no version, one ending in '##' is the address of `messages` as it
/// stands and has no other: nullopt for those, and for a type this build lacks.
std::optional<std::string> upstream_url(std::string_view base_url, std::string_view type,
                                        endpoint e);

/// Whether a base URL can be called: http or https, a host, neither user nor query. Says what is
/// wrong; an empty one is fine, it means the type's own.
checked<void> check_base_url(std::string_view base_url);

} // namespace axonhub::policy
