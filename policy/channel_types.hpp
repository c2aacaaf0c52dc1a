#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "llm/conversion.hpp"
#include "policy/entities.hpp"

/// The kinds of upstream that this build speaks to.
namespace axonhub::policy {

/// The most that a provider's model gives in one answer; more is refused there.
struct output_limit {
  std::string_view model;
  std::uint64_t tokens = 0;
};

/// One row of the table: what a channel of this type is unless its operator says otherwise.
struct channel_type {
  std::string_view type; ///< As stored: "claude-code".
  std::string_view label;
  std::string_view default_base_url;
  std::span<const std::string_view> default_models{};
  std::span<const std::string_view> credential_kinds{}; ///< "api_key", "oauth_token"
  auth_scheme auth = auth_scheme::bearer;               ///< What auth_scheme::automatic sends.
  llm::upstream_traits traits{};                        ///< How it wants to be spoken to.
  const llm::upstream_traits* compatible = nullptr; ///< The same at another host, if it differs.
  std::span<const output_limit> output_limits{};
  bool server_tools = false; ///< Runs the tools that its dialect's provider runs itself.
};

/// Every type, in the order in which a person should see them.
std::span<const channel_type> channel_types();

/// By its name or another accepted spelling ("claudecode"); nullptr when this build lacks it.
const channel_type* find_channel_type(std::string_view name);

/// As find_channel_type(), with the text that refuses it by name and lists what there is.
checked<const channel_type*> require_channel_type(std::string_view name);

/// How a credential travels: its own scheme, or the type's where it leaves the choice.
auth_scheme effective_auth(const credential& c, std::string_view type);

} // namespace axonhub::policy
