#include "policy/capability.hpp"

#include <algorithm>
#include <array>

namespace axonhub::policy {

bool runs_at_the_client(std::string_view tool_type) {
  constexpr auto known = std::to_array<std::string_view>( // of the Responses API
      {"namespace", "local_shell", "shell", "apply_patch", "tool_search"});
  return std::ranges::find(known, tool_type) != known.end();
}

} // namespace axonhub::policy
