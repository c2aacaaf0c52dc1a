#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>

#include "base/error.hpp"
#include "store/descriptor.hpp"

struct MDB_env;

namespace axonhub::store {

struct environment_config {
  std::filesystem::path folder; ///< Made if it is not there. Its files are for this user alone.
  std::size_t map_size = 0;     ///< Reserved address space in bytes; grows when it is full.
  bool sync = true;             ///< fsync on commit.
};

/// One open LMDB environment. Its folder is locked: a second opening, by this process or another,
/// fails, since LMDB allows one per process and each process trusts the catalog that it read.
class environment {
public:
  static checked<std::unique_ptr<environment>> open(const environment_config& config);
  ~environment();

  MDB_env* handle() const { return env_; }

  /// Held shared by each transaction for its life, so that the map grows only between them.
  std::shared_mutex& map_in_use() const { return map_in_use_; }

  /// Doubles the map. Waits for the transactions of other threads; the caller has none. Fails with
  /// errc::store_full when there is no address space left; the map stays as it was.
  result<void> grow();

  /// LMDB has lost its map: nothing may touch it any more. Asked with `map_in_use` held.
  bool is_lost() const { return is_lost_; }

  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

private:
  environment() = default;

  descriptor lock_;
  MDB_env* env_ = nullptr;
  bool is_lost_ = false;
  mutable std::shared_mutex map_in_use_;
};

} // namespace axonhub::store
