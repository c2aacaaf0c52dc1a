#include "config/yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "config/keys.hpp"

namespace axonhub::config {

namespace {

/// Walks the tree once, by the table of keys: it enters known sections only.
class reader {
public:
  explicit reader(const config_file& file) : file_(file) {}

  file_content read() {
    try {
      const auto documents = YAML::LoadAll(file_.text);
      if (documents.size() > 1)
        error(line_of(documents[1]), "", "a second document; a file holds one");
      if (!documents.empty())
        read_section("", documents.front());
    } catch (const YAML::Exception& e) {
      error(std::max(e.mark.line, -1) + 1, "", "no valid YAML: " + e.msg);
    }
    return std::move(content_);
  }

private:
  static int line_of(const YAML::Node& node) { return std::max(node.Mark().line, -1) + 1; }

  void error(int line, std::string name, std::string text) {
    content_.errors.push_back({file_.name, line, std::move(name), std::move(text)});
  }

  void read_section(const std::string& path, const YAML::Node& node) {
    if (node.IsNull())
      return;
    if (!node.IsMap())
      return error(line_of(node), path, "must be a section with keys below it");
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        error(line_of(entry.first), path, "a key must be a plain word");
        continue;
      }
      auto name = path.empty() ? path : path + '.';
      name += entry.first.Scalar();
      read_entry(name, line_of(entry.first), entry.second);
    }
  }

  void read_entry(const std::string& path, int line, const YAML::Node& node) {
    if (const auto* known = find_key(path))
      return read_value(*known, line, node);
    if (const auto* foreign = find_foreign_key(path))
      return warn_once(*foreign, line, path);
    if (is_section(path))
      return read_section(path, node);
    const auto meant = suggest_name(path);
    error(line, path, "no such key" + (meant.empty() ? "" : "; did you mean " + meant + "?"));
  }

  void read_value(const key& known, int line, const YAML::Node& node) {
    const auto name = std::string{known.name};
    if (!seen_.insert(known.name).second)
      return error(line, name, "is set twice");
    if (node.IsNull())
      return;
    if (node.IsMap())
      return error(line, name, "wants a value (" + std::string{known.kind} + "), not a section");
    if (node.IsScalar())
      return content_.values.push_back({&known, line_of(node), node.Scalar()});
    if (!known.is_list())
      return error(line, name, "wants one value (" + std::string{known.kind} + "), not a list");
    auto joined = std::string{};
    for (const auto& part : node) {
      if (!part.IsScalar())
        return error(line_of(part), name, "wants a list of plain words");
      joined.append(joined.empty() ? "" : ",").append(part.Scalar());
    }
    content_.values.push_back({&known, line, std::move(joined)});
  }

  void warn_once(const foreign_key& foreign, int line, const std::string& path) {
    if (warned_.insert(foreign.name).second)
      content_.warnings.push_back(
          {file_.name, line, path, "has no effect here: " + std::string{foreign.instead}});
  }

  const config_file& file_;
  file_content content_;
  std::set<std::string_view> seen_;
  std::set<std::string_view> warned_;
};

} // namespace

file_content read_yaml(const config_file& file) { return reader{file}.read(); }

} // namespace axonhub::config
