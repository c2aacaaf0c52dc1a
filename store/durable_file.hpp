#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

/// Files and folders that are there after a power loss.
namespace axonhub::store {

/// The text of errno as it stands.
std::string system_error_text();

/// Makes the folder and its parents, for this user alone (0700), unless it is there. Fails with
/// text.
checked<void> make_folder(const std::filesystem::path& folder);

/// Flushes the folder's list of names. Fails with errc::store_failed.
result<void> sync_folder(const std::filesystem::path& folder);

/// Makes a file for this user alone (0600) that has all of `text` or is not there. Replaces none:
/// the caller knows that it is absent and that no one else makes it. Fails with text.
checked<void> make_private_file(const std::filesystem::path& file, std::string_view text);

} // namespace axonhub::store
