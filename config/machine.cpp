#include "config/machine.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/text.hpp"

namespace axonhub::config {

namespace {

std::string first_line(const char* path) {
  auto file = std::ifstream{path};
  auto line = std::string{};
  std::getline(file, line);
  return line;
}

std::uint32_t allowed_cores() {
  auto mask = cpu_set_t{};
  if (sched_getaffinity(0, sizeof mask, &mask) != 0)
    return 1;
  return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&mask)));
}

std::uint64_t installed_memory() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
}

} // namespace

std::optional<std::uint32_t> parse_cpu_limit(std::string_view cpu_max) {
  const auto parts = split(cpu_max, ' ');
  if (parts.size() != 2)
    return std::nullopt;
  const auto quota = parse_decimal<std::uint64_t>(parts[0]);
  const auto period = parse_decimal<std::uint64_t>(parts[1]);
  if (!quota || !period || *period == 0)
    return std::nullopt;
  const auto cores = *quota / *period + (*quota % *period != 0);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(cores, 1, 1024));
}

std::optional<std::uint64_t> parse_memory_limit(std::string_view memory_max) {
  return parse_decimal<std::uint64_t>(trimmed(memory_max));
}

machine this_machine() {
  auto found = machine{.cores = allowed_cores(), .memory = installed_memory()};
  if (const auto cores = parse_cpu_limit(first_line("/sys/fs/cgroup/cpu.max")))
    found.cores = std::min(found.cores, *cores);
  for (const auto* limit : {"/sys/fs/cgroup/memory.max", // and version 1 of control groups
                            "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (const auto bytes = parse_memory_limit(first_line(limit)))
      found.memory = std::min(found.memory, *bytes);
  auto ignored = std::error_code{};
  found.has_service_folder =
      geteuid() == 0 && std::filesystem::is_directory("/var/lib/axonhub", ignored);
  return found;
}

} // namespace axonhub::config
