#include "store/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/descriptor.hpp"

namespace axonhub::store {
namespace {

failure failure_about(const std::filesystem::path& path, std::string_view doing) {
  return {errc::store_failed,
          "cannot " + std::string{doing} + " " + path.string() + ": " + system_error_text()};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return false;
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

std::string system_error_text() { return std::strerror(errno); }

checked<void> make_folder(const std::filesystem::path& folder) {
  auto error = std::error_code{};
  if (std::filesystem::is_directory(folder, error))
    return {};
  if (const auto parent = folder.parent_path(); !parent.empty() && parent != folder)
    if (auto made = make_folder(parent); !made)
      return made.error();
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failure_about(folder, "make the folder");
  if (!sync_folder(folder.parent_path()))
    return failure_about(folder.parent_path(), "flush the folder");
  return {};
}

result<void> sync_folder(const std::filesystem::path& folder) {
  const auto path = folder.empty() ? std::filesystem::path{"."} : folder;
  const auto opened = descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened || ::fsync(opened.get()) != 0)
    return errc::store_failed;
  return {};
}

checked<void> make_private_file(const std::filesystem::path& file, std::string_view text) {
  auto draft = file;
  draft += ".new";
  ::unlink(draft.c_str()); // what a start that was cut short left
  const auto opened =
      descriptor{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!opened)
    return failure_about(draft, "make");
  if (!write_all(opened.get(), text) || ::fsync(opened.get()) != 0)
    return failure_about(draft, "write");
  if (::rename(draft.c_str(), file.c_str()) != 0 || !sync_folder(file.parent_path()))
    return failure_about(file, "make");
  return {};
}

} // namespace axonhub::store
