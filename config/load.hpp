#pragma once

#include <boost/system/result.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/machine.hpp"
#include "config/notice.hpp"
#include "config/yaml.hpp"

namespace axonhub::config {

using environment = std::map<std::string, std::string, std::less<>>;

/// A configuration ready to use: db.path, server.threads, server.limits.body_memory and
/// metrics.host hold what their empty value stands for.
struct loaded {
  config settings;
  std::string file;                          ///< The file read; empty: none.
  std::map<std::string, std::string> set_by; ///< Key to where its value stands; no default.
  std::vector<notice> warnings;
};

/// A configuration or everything that is wrong with it.
using load_result = boost::system::result<loaded, std::vector<notice>>;

/// Environment beats file beats default. An empty variable counts as unset. Pure: master_key_file
/// is not read here.
load_result load(const std::optional<config_file>& file, const environment& variables,
                 const machine& here);

} // namespace axonhub::config
