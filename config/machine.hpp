#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace axonhub::config {

/// What defaults depend on.
struct machine {
  std::uint32_t cores = 1;           ///< This process may use.
  std::uint64_t memory = 1ull << 30; ///< Bytes: the machine's or the container's.
  bool has_service_folder = false;   ///< Runs as root beside an existing /var/lib/axonhub.
};

/// The machine we run on. Counts what the affinity mask and the control group allow.
machine this_machine();

/// The cores that a cpu.max text ("max 100000", "150000 100000") allows, rounded up; none: no
/// limit.
std::optional<std::uint32_t> parse_cpu_limit(std::string_view cpu_max);

/// The bytes that a memory.max text ("max", "536870912") allows; none: no limit.
std::optional<std::uint64_t> parse_memory_limit(std::string_view memory_max);

} // namespace axonhub::config
