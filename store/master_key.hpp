#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

/// The key that locks every stored secret: 32 bytes that are never in the store.
namespace axonhub::store {

/// From 64 hex digits, from base64 of 32 bytes, or derived from any other text of 32 characters or
/// more; white space around it does not count. Fails with errc::invalid_argument and text.
checked<secret> parse_master_key(std::string_view text);

struct master_key_source {
  secret text;                ///< As configured; empty: read a file.
  std::filesystem::path file; ///< As configured; empty: `own_file`.
  std::filesystem::path own_file;
  bool may_generate = false; ///< `own_file` may be made: nothing is locked with another key.
};

/// The configured key, else the configured file's, else that of `own_file`, which is made (0600) if
/// it may be. Fails with errc::wrong_master_key or errc::invalid_argument and text.
checked<secret> find_master_key(const master_key_source& source);

} // namespace axonhub::store
