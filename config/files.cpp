#include "config/files.hpp"

#include "base/error.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

namespace axonhub::config {

namespace {

constexpr auto largest_file = std::uintmax_t{1} << 20;

checked<std::string> read_file(const std::string& path) {
  auto error = std::error_code{};
  if (std::filesystem::is_directory(path, error))
    return failure{errc::invalid_argument, "is a folder, not a file"};
  errno = 0;
  auto file = std::ifstream{path, std::ios::binary};
  if (!file)
    return failure{errno == ENOENT ? errc::not_found : errc::invalid_argument,
                   std::string{"cannot be read: "} + std::strerror(errno)};
  if (const auto size = std::filesystem::file_size(path, error); !error && size > largest_file)
    return failure{errc::message_too_large, "is larger than 1MiB"};
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

std::vector<notice> complain(std::string source, std::string key, std::string text) {
  return {{std::move(source), 0, std::move(key), std::move(text)}};
}

load_result with_master_key(loaded l) {
  auto& c = l.settings;
  if (c.master_key_file.empty())
    return l;
  if (!c.master_key.empty()) {
    l.warnings.push_back({"", 0, "master_key_file", "is not read, since master_key is set"});
    return l;
  }
  auto text = read_file(c.master_key_file);
  if (!text)
    return complain(c.master_key_file, "master_key_file", text.error().message);
  while (!text->empty() && std::string_view{"\r\n"}.find(text->back()) != std::string_view::npos)
    text->pop_back();
  if (text->empty())
    return complain(c.master_key_file, "master_key_file", "is empty");
  c.master_key = secret{std::move(*text)};
  return l;
}

} // namespace

environment this_environment() {
  auto all = environment{};
  for (auto** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const auto text = std::string_view{*entry};
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

std::vector<std::string> search_paths(const environment& variables) {
  auto paths = std::vector<std::string>{"config.yml", "conf/config.yml"};
  if (const auto home = variables.find("HOME"); home != variables.end() && !home->second.empty())
    paths.push_back(home->second + "/.config/axonhub/config.yml");
  paths.emplace_back("/etc/axonhub/config.yml");
  return paths;
}

load_result load_config(const std::string& file, const environment& variables) {
  auto found = std::optional<config_file>{};
  for (const auto& path : file.empty() ? search_paths(variables) : std::vector{file}) {
    auto text = read_file(path);
    if (!text && text.error().code == errc::not_found && file.empty())
      continue;
    if (!text)
      return complain(path, "", text.error().message);
    found = config_file{path, std::move(*text)};
    break;
  }
  auto l = load(found, variables, this_machine());
  return l ? with_master_key(std::move(*l)) : l;
}

} // namespace axonhub::config
