#include <algorithm>

#include "base/text.hpp"
#include "config/keys.hpp"

namespace axonhub::config {

namespace {

std::string_view last_word(std::string_view path) {
  return path.substr(path.rfind('.') + 1); // npos + 1 is 0: all of it
}

std::string_view section_of(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

/// Every key and every section, each once, outer ones first.
std::vector<std::string_view> all_paths() {
  auto paths = std::vector<std::string_view>{};
  for (const auto& k : keys())
    for (auto end = k.name.find('.');; end = k.name.find('.', end + 1)) {
      if (const auto path = k.name.substr(0, end); !std::ranges::count(paths, path))
        paths.push_back(path);
      if (end == std::string_view::npos)
        break;
    }
  std::ranges::stable_sort(paths, {}, [](auto path) { return std::ranges::count(path, '.'); });
  return paths;
}

} // namespace

const key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &key::name);
  return found == keys().end() ? nullptr : &*found;
}

bool is_section(std::string_view path) {
  return std::ranges::any_of(keys(), [path](const key& k) {
    return k.name.size() > path.size() && k.name.starts_with(path) && k.name[path.size()] == '.';
  });
}

std::string to_variable(std::string_view name) {
  auto variable = std::string{"AXONHUB_"};
  for (const auto c : name)
    variable += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  return variable;
}

std::string suggest_name(std::string_view path) {
  const auto paths = all_paths();
  auto siblings = std::vector<std::string_view>{};
  for (const auto other : paths)
    if (section_of(other) == section_of(path))
      siblings.push_back(last_word(other));
  if (const auto near = nearest_name(last_word(path), siblings))
    return std::string{path.substr(0, path.size() - last_word(path).size())}.append(*near);
  const auto elsewhere = std::ranges::find(paths, last_word(path), last_word);
  if (elsewhere != paths.end())
    return std::string{*elsewhere};
  return std::string{nearest_name(path, paths).value_or("")};
}

std::string suggest_variable(std::string_view variable) {
  auto variables = std::vector<std::string>{};
  for (const auto& k : keys())
    variables.push_back(to_variable(k.name));
  return std::string{nearest_name(variable, {variables.begin(), variables.end()}).value_or("")};
}

} // namespace axonhub::config
