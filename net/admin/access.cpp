#include "net/admin/access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "config/config.hpp"

namespace axonhub::net {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t largest_file = 4096;

failure unusable(const std::filesystem::path& file) {
  return {errc::store_failed, "The setup token " + file.string() +
                                  " cannot be used: " + std::strerror(errno) +
                                  ". Set AXONHUB_ADMIN_TOKEN, or give this "
                                  "process the right to read and write there"};
}

class file_descriptor {
public:
  explicit file_descriptor(int fd) : fd_(fd) {}
  ~file_descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  int get() const { return fd_; }

private:
  int fd_;
};

/// Writes a new token to a file that must not exist yet. The umask has no say in who may read it.
bool create_token_file(const std::filesystem::path& file) {
  const auto line = secret{to_base64url(random_bytes(token_bytes)) + "\n"};
  const auto fd = file_descriptor{
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR)};
  if (fd.get() < 0 || ::fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0)
    return false;
  const auto& text = line.reveal();
  return ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
         ::fsync(fd.get()) == 0;
}

/// What tells one version of a file from another.
struct file_version {
  ino_t inode = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;

  friend bool operator==(const file_version&, const file_version&) = default;
};

std::optional<file_version> version_of(const std::filesystem::path& file) {
  struct stat seen {};
  if (::stat(file.c_str(), &seen) != 0)
    return std::nullopt;
  return file_version{seen.st_ino, seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec};
}

std::optional<secret> read_token(const std::filesystem::path& file) {
  const auto fd = file_descriptor{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd.get() < 0)
    return std::nullopt;
  auto bytes = std::array<char, largest_file>{};
  const auto size = ::read(fd.get(), bytes.data(), bytes.size());
  if (size < 0)
    return std::nullopt;
  auto text = std::string_view{bytes.data(), static_cast<std::size_t>(size)};
  const auto last = text.find_last_not_of(" \t\r\n");
  return secret{std::string{text.substr(0, last == text.npos ? 0 : last + 1)}};
}

} // namespace

/// The setup token as last read.
struct admin_access::token_file {
  std::filesystem::path place;
  std::mutex mutex;
  std::optional<file_version> version;
  secret token;

  /// The token now; empty while there is no readable file.
  secret current() {
    const auto lock = std::scoped_lock{mutex};
    const auto seen = version_of(place);
    if (seen != version || !seen) {
      token = seen ? read_token(place).value_or(secret{}) : secret{};
      version = seen;
    }
    return token;
  }
};

admin_access::admin_access() = default;
admin_access::~admin_access() = default;

std::filesystem::path setup_token_file(const std::filesystem::path& db_folder) {
  return db_folder / "setup-token";
}

checked<void> rotate_setup_token(const std::filesystem::path& db_folder) {
  const auto file = setup_token_file(db_folder);
  auto next = file;
  next += ".new";
  auto ignored = std::error_code{};
  std::filesystem::remove(next, ignored); // of a rotation that did not end
  if (!create_token_file(next) || ::rename(next.c_str(), file.c_str()) != 0)
    return unusable(file);
  return {};
}

checked<std::string> admin_token_command(const config::config& settings, bool rotate) {
  if (!settings.admin.token.empty())
    return failure{errc::precondition_failed,
                   "The admin token is configured: AXONHUB_ADMIN_TOKEN or admin.token. There is no "
                   "setup token while it is"};
  const auto file = setup_token_file(settings.db.path);
  if (rotate)
    if (auto done = rotate_setup_token(settings.db.path); !done)
      return done.error();
  auto ignored = std::error_code{};
  if (!std::filesystem::exists(file, ignored))
    return failure{errc::not_found,
                   "There is no setup token yet: the first start makes " + file.string()};
  return (rotate ? "A new setup token is in " : "The setup token is in ") + file.string();
}

checked<std::unique_ptr<admin_access>> admin_access::open(const config::config& settings) {
  auto made = std::unique_ptr<admin_access>{new admin_access};
  made->token_ = settings.admin.token;
  if (!made->token_.empty())
    return made;
  const auto file = setup_token_file(settings.db.path);
  if (!create_token_file(file) && errno != EEXIST)
    return unusable(file);
  made->file_ = std::make_unique<token_file>();
  made->file_->place = file;
  if (made->file_->current().empty()) // a first start that did not end
    if (auto again = rotate_setup_token(settings.db.path); !again)
      return again.error();
  if (made->file_->current().empty())
    return unusable(file);
  log::info("admin.setup_token", {{"file", file.string()}});
  return made;
}

bool admin_access::admits(std::string_view authorization) const {
  constexpr auto scheme = std::string_view{"bearer "};
  if (!starts_with_ignoring_case(authorization, scheme))
    return false;
  const auto given = trimmed(authorization.substr(scheme.size()));
  const auto right = file_ ? file_->current() : token_;
  return !right.empty() && equal_in_constant_time(given, right.reveal());
}

milliseconds admin_access::delay_after_failure(std::string_view address) const {
  const auto lock = std::scoped_lock{mutex_};
  return tries_.add(address, std::chrono::steady_clock::now());
}

std::string_view admin_access::actor() const { return file_ ? "setup-token" : "token"; }

} // namespace axonhub::net
