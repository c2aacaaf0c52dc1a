#pragma once

#include <string>
#include <string_view>

#include "config/load.hpp"

/// `axonhub config ...` without the printing: main writes what these return.
namespace axonhub::config {

struct command_result {
  std::string out;   ///< For standard output.
  std::string err;   ///< For standard error.
  int exit_code = 0; ///< 0 well, 1 a faulty configuration, 2 a faulty question.
};

/// `config check`: every error, or that all is well; warnings either way.
command_result run_check(const load_result& l);

/// `config get KEY`: the value in effect. Refuses to tell a secret.
command_result run_get(const load_result& l, std::string_view name);

/// `config preview`: everything in effect as a config.yml, with where each value comes from.
/// Secrets are ***.
command_result run_preview(const load_result& l);

/// `config docs`: the page docs/configuration.md.
std::string docs_page();

/// One line each, for the log or the terminal.
std::string to_lines(const std::vector<notice>& notices);

} // namespace axonhub::config
