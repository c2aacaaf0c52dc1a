#include "config/load.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "config/keys.hpp"
#include "config/validate.hpp"

namespace axonhub::config {

namespace {

constexpr auto environment_name = "environment";

/// Gathers the sources, weakest first, and all that is wrong with them.
class loader {
public:
  void add_file(const config_file& file) {
    out_.file = file.name;
    auto content = read_yaml(file);
    errors_ = std::move(content.errors);
    out_.warnings = std::move(content.warnings);
    for (const auto& value : content.values)
      set(*value.of, value.text, {file.name, value.line, std::string{value.of->name}, ""});
  }

  void add_environment(const environment& variables) {
    auto known = std::map<std::string, const key*>{};
    for (const auto& k : keys())
      known.emplace(to_variable(k.name), &k);
    for (const auto& [variable, text] : variables) {
      if (!variable.starts_with("AXONHUB_") || text.empty())
        continue;
      const auto found = known.find(variable);
      if (found == known.end())
        warn_unknown(variable);
      else if (text.starts_with("tcp://")) // Kubernetes describes services in such variables
        warn(variable, "is ignored: an address injected by Kubernetes (see enableServiceLinks)");
      else
        set(*found->second, text, {environment_name, 0, variable, ""});
    }
  }

  load_result finish(const environment& variables, const machine& here) {
    fill_in(variables, here);
    for (auto& [name, text] : find_errors(out_.settings))
      errors_.push_back(at_origin(name, text));
    if (!errors_.empty())
      return std::move(errors_);
    for (auto& [name, text] : find_oddities(out_.settings))
      out_.warnings.push_back(at_origin(name, text));
    return std::move(out_);
  }

private:
  void set(const key& k, std::string_view text, notice where) {
    if (auto done = k.assign(out_.settings, text); !done) {
      where.text = done.error().message;
      errors_.push_back(std::move(where));
      return;
    }
    out_.set_by[std::string{k.name}] =
        where.line > 0 ? where.source + ":" + std::to_string(where.line) : where.key;
  }

  void warn(const std::string& variable, std::string text) {
    out_.warnings.push_back({environment_name, 0, variable, std::move(text)});
  }

  void warn_unknown(const std::string& variable) {
    for (const auto& foreign : foreign_keys()) {
      const auto is_section = foreign.name.ends_with(".*");
      const auto name = to_variable(foreign.name.substr(0, foreign.name.size() - is_section));
      if (is_section ? !variable.starts_with(name) : variable != name)
        continue;
      if (warned_.insert(foreign.name).second)
        warn(variable, "has no effect here: " + std::string{foreign.instead});
      return;
    }
    const auto meant = suggest_variable(variable);
    warn(variable, "is ignored: no such key" +
                       (meant.empty() ? std::string{} : "; did you mean " + meant + "?"));
  }

  void fill_in(const environment& variables, const machine& here) {
    auto& c = out_.settings;
    if (c.server.threads == 0)
      c.server.threads = std::max(1u, here.cores);
    if (c.server.limits.body_memory == 0)
      c.server.limits.body_memory = std::max(here.memory / 4, c.server.limits.body_bytes);
    if (c.metrics.host.empty() && c.metrics.port != 0)
      c.metrics.host = c.server.host;
    if (c.db.path.empty())
      c.db.path = default_db_path(variables, here);
  }

  static std::string default_db_path(const environment& variables, const machine& here) {
    const auto value_of = [&](std::string_view name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string{} : found->second;
    };
    if (const auto folders = value_of("STATE_DIRECTORY"); !folders.empty())
      return folders.substr(0, folders.find(':')); // systemd may name several
    if (here.has_service_folder)
      return "/var/lib/axonhub";
    if (const auto data = value_of("XDG_DATA_HOME"); !data.empty())
      return data + "/axonhub";
    if (const auto home = value_of("HOME"); !home.empty())
      return home + "/.local/share/axonhub";
    return {};
  }

  notice at_origin(const std::string& name, std::string text) const {
    const auto origin = out_.set_by.find(name);
    return {origin == out_.set_by.end() ? "" : origin->second, 0, name, std::move(text)};
  }

  loaded out_;
  std::vector<notice> errors_;
  std::set<std::string_view> warned_;
};

} // namespace

load_result load(const std::optional<config_file>& file, const environment& variables,
                 const machine& here) {
  auto l = loader{};
  if (file)
    l.add_file(*file);
  l.add_environment(variables);
  return l.finish(variables, here);
}

} // namespace axonhub::config
