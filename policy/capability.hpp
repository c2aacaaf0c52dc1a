#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llm/dialect.hpp"

/// What a channel's models can take, and which requests need it.
namespace axonhub::policy {

/// What an operator says about some of a channel's models. What is not set is as the channel's type
/// has it; a context without a size takes everything.
struct model_capability {
  std::string model{}; ///< A name of the upstream, or a pattern as in model mappings.
  std::optional<std::uint64_t> max_context_tokens{};
  std::optional<std::uint64_t> max_output_tokens{};
  std::optional<bool> images{};
  std::optional<std::vector<std::string>> server_tools{}; ///< "web_search": of any date.
  std::optional<bool> reasoning_effort{}; ///< Over the channel's switches of these names.
  std::optional<bool> adaptive_thinking{};

  friend bool operator==(const model_capability&, const model_capability&) = default;
};

/// What one model at one channel takes.
struct capability {
  std::optional<std::uint64_t> max_context_tokens{}; ///< nullopt: of any size.
  bool images = true;
  llm::dialect speaks = llm::dialect::anthropic; ///< Whose server tools it may have.
  bool all_server_tools = true;
  std::vector<std::string> server_tools{}; ///< Where it has not all of them.

  /// There is a request in its own dialect that it might not take.
  bool is_limited() const { return max_context_tokens || !images || !all_server_tools; }

  friend bool operator==(const capability&, const capability&) = default;

  template <class Inspector>
  friend typename Inspector::result_type inspect(Inspector& f, capability& x) {
    return f(x.max_context_tokens, x.images, x.speaks, x.all_server_tools, x.server_tools);
  }
};

/// What a request needs of the channel that takes it.
struct request_needs {
  llm::dialect dialect = llm::dialect::anthropic; ///< The client's.
  std::uint64_t tokens = 0;                       ///< An estimate of its prompt.
  bool images = false;
  std::vector<std::string> server_tools{}; ///< Types as the client sent them.
};

/// Whether a tool with a type of its own runs where the client is, whoever gave the type: nothing
/// that a channel would need to have.
bool runs_at_the_client(std::string_view tool_type);

} // namespace axonhub::policy
