#pragma once

#include <string>
#include <vector>

#include "config/notice.hpp"

namespace axonhub::config {

struct key;

/// A text to read, and the name to use for it in messages.
struct config_file {
  std::string name;
  std::string text;
};

/// One key's value as the file has it; a list's parts are joined with commas.
struct file_value {
  const key* of;
  int line;
  std::string text;
};

/// What a file says: the values of known keys, in order, and what to tell the operator.
struct file_content {
  std::vector<file_value> values;
  std::vector<notice> errors;
  std::vector<notice> warnings;
};

/// Reads YAML. Goes on after an error where that makes sense, so that the operator sees all of them
/// at once; a text that is no YAML gives one.
file_content read_yaml(const config_file& file);

} // namespace axonhub::config
