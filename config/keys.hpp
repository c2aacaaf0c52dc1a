#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"

namespace axonhub::config {

/// One key that an operator may set. All that the loader, the commands and the documentation know
/// of it is here.
struct key {
  std::string_view name; ///< server.port
  std::string_view kind; ///< What a value looks like, in words.
  std::string_view help;
  /// Reads `text` into its place, or says what is wrong with it and leaves the place as it was.
  std::function<checked<void>(config&, std::string_view text)> assign;
  /// The value as assign() reads it; a secret's as ***.
  std::function<std::string(const config&)> show;

  bool is_secret() const;
  bool is_list() const;
  bool is_text() const;
};

/// A key of other gateways' files that we accept and do not use. A name that ends in ".*" stands
/// for a whole section.
struct foreign_key {
  std::string_view name;
  std::string_view instead; ///< What to do here for the same end.

  /// True for the key itself and, of a section, everything in it.
  bool covers(std::string_view path) const;
};

/// Every key, in the order of the documentation.
const std::vector<key>& keys();
const std::vector<foreign_key>& foreign_keys();

const key* find_key(std::string_view name);
const foreign_key* find_foreign_key(std::string_view path);

/// True when some key's name begins with `path` and a dot.
bool is_section(std::string_view path);

/// server.port is AXONHUB_SERVER_PORT.
std::string to_variable(std::string_view name);

/// The name that the writer of `path` probably meant: the same word elsewhere, or a near one.
/// Empty when nothing comes close.
std::string suggest_name(std::string_view path);

/// As suggest_name, among the environment's variables.
std::string suggest_variable(std::string_view variable);

} // namespace axonhub::config
