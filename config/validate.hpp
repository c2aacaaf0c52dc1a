#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace axonhub::config {

/// A rule between keys that a configuration breaks, or a choice that deserves a second look.
struct finding {
  std::string key;
  std::string text;

  friend bool operator==(const finding&, const finding&) = default;
};

/// What makes the configuration useless as a whole.
std::vector<finding> find_errors(const config& c);

/// What works but is probably not meant.
std::vector<finding> find_oddities(const config& c);

} // namespace axonhub::config
