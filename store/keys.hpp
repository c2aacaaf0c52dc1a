#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

/// Keys whose byte order is the order we want to walk in. Tables of entities have the id's text as
/// their key.
namespace axonhub::store {

/// Eight bytes, big-endian; times before 1970 come first.
std::string time_key(wall_time t);

/// The time, then `number`, which tells entries of the same millisecond apart.
std::string numbered_time_key(wall_time t, std::uint32_t number);

/// The time, then a text.
std::string named_time_key(wall_time t, std::string_view name);

struct named_time {
  wall_time at;
  std::string_view name;
};

/// nullopt: not such a key.
std::optional<named_time> parse_named_time_key(std::string_view key);

struct numbered_time {
  wall_time at;
  std::uint32_t number = 0;
};

/// nullopt: not such a key.
std::optional<numbered_time> parse_numbered_time_key(std::string_view key);

} // namespace axonhub::store
