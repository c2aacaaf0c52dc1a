#pragma once

#include <string>
#include <vector>

#include "config/load.hpp"

namespace axonhub::config {

/// This process's environment.
environment this_environment();

/// Where a config.yml is looked for, in order.
std::vector<std::string> search_paths(const environment& variables);

/// Loads for this machine: `file` if it names one (it must exist), otherwise the first found on
/// the search path, otherwise none. Then reads master_key_file, unless master_key is set.
load_result load_config(const std::string& file, const environment& variables);

} // namespace axonhub::config
