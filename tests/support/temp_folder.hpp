#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace axonhub::tests {

/// A new empty folder that goes, with all in it, at the end of its scope.
class temp_folder {
public:
  temp_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "axonhub-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw std::runtime_error{"no temporary folder: " + pattern};
    path_ = pattern;
  }
  ~temp_folder() {
    auto error = std::error_code{};
    std::filesystem::remove_all(path_, error);
  }

  const std::filesystem::path& path() const { return path_; }

  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

private:
  std::filesystem::path path_;
};

} // namespace axonhub::tests
