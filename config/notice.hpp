#pragma once

#include <string>

namespace axonhub::config {

/// Something to tell the operator about what he set: an error or a warning, and where it stands.
struct notice {
  std::string source; ///< The file's name, or "environment".
  int line = 0;       ///< From 1; 0 where there is none.
  std::string key;    ///< The key, or the variable; empty when it is about the whole source.
  std::string text;   ///< What is wrong and how to put it right. Never a secret.

  friend bool operator==(const notice&, const notice&) = default;
};

/// config.yml:3: server.prt: no such key; did you mean server.port?
std::string to_string(const notice& n);

} // namespace axonhub::config
