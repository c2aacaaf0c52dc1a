#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "net/admin/failed_tries.hpp"

namespace axonhub::config {
struct config;
}

namespace axonhub::net {

/// Where the setup token of a store is, made or not.
std::filesystem::path setup_token_file(const std::filesystem::path& db_folder);

/// Replaces the setup token; a running server takes the new one from its next call on. The file is
/// readable by its owner alone. Fails with a text for the operator.
checked<void> rotate_setup_token(const std::filesystem::path& db_folder);

/// What `axonhub admin token` prints: where the setup token is, after replacing it with `rotate`. A
/// configured token leaves nothing to show: that is a failure with its text.
checked<std::string> admin_token_command(const config::config& settings, bool rotate);

/// Who may call the admin API. Used from every thread.
class admin_access {
public:
  /// The configured token counts. Without one the setup token does: made here at the first start,
  /// its place in the log. Fails with a text for the operator.
  static checked<std::unique_ptr<admin_access>> open(const config::config& settings);
  ~admin_access();

  /// Whether the value of an Authorization field has the right token, in constant time. A setup
  /// token that was rotated meanwhile counts at once.
  bool admits(std::string_view authorization) const;

  /// A wrong token came from this address: how long its answer has to wait. Nothing for the first
  /// twenty in a quarter of an hour. The right token never waits.
  milliseconds delay_after_failure(std::string_view address) const;

  /// How the audit names whoever is admitted.
  std::string_view actor() const;

private:
  struct token_file;
  admin_access();

  secret token_;
  mutable std::mutex mutex_;
  mutable failed_tries tries_;       ///< Under mutex_.
  std::unique_ptr<token_file> file_; ///< Null with a configured token.
};

} // namespace axonhub::net
