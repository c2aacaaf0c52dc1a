#include "store/environment.hpp"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "base/log.hpp"
#include "store/durable_file.hpp"
#include "store/lmdb_error.hpp"

namespace axonhub::store {
namespace {

constexpr unsigned most_tables = 16;
constexpr unsigned most_readers = 512;
constexpr std::size_t page_size = 4096;

failure refusal(const std::filesystem::path& folder, errc code, const std::string& why) {
  return {code, "cannot open the store in " + folder.string() + ": " + why};
}

checked<descriptor> lock(const std::filesystem::path& folder) {
  auto file =
      descriptor{::open((folder / "open.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file)
    return refusal(folder, errc::store_failed,
                   system_error_text() + "; let this user write there, or set db.path");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
    return refusal(folder, errc::already_exists,
                   "it is open already; end the other axonhub first, or set db.path");
  return file;
}

std::string advice_for(int code) {
  switch (code) {
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
      return "; the file is damaged or not ours: restore a backup";
    case EACCES:
      return "; let this user read and write there, or set db.path";
    case ENOMEM:
      return "; lower db.map_size";
    default:
      return {};
  }
}

/// Whether so much address space is left.
bool has_room_for(std::size_t bytes) {
  auto* const tried =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return tried != MAP_FAILED && ::munmap(tried, bytes) == 0;
}

} // namespace

checked<std::unique_ptr<environment>> environment::open(const environment_config& config) {
  if (auto made = make_folder(config.folder); !made)
    return made.error();
  auto locked = lock(config.folder);
  if (!locked)
    return locked.error();
  auto opened = std::unique_ptr<environment>{new environment};
  opened->lock_ = std::move(*locked);
  if (mdb_env_create(&opened->env_) != 0)
    return refusal(config.folder, errc::store_failed, "no memory");
  mdb_env_set_mapsize(opened->env_, (config.map_size + page_size - 1) / page_size * page_size);
  mdb_env_set_maxdbs(opened->env_, most_tables);
  mdb_env_set_maxreaders(opened->env_, most_readers);
  // MDB_NOMEMINIT stays off: it would write what memory held before, secrets too, to the disk.
  const unsigned flags = MDB_NOTLS | (config.sync ? 0u : unsigned{MDB_NOSYNC});
  if (const auto code = mdb_env_open(opened->env_, config.folder.c_str(), flags, 0600); code != 0)
    return refusal(config.folder, static_cast<errc>(to_error(code, "open").value()),
                   mdb_strerror(code) + advice_for(code));
  auto stale_readers = 0;
  if (mdb_reader_check(opened->env_, &stale_readers) == 0 && stale_readers > 0)
    log::info("store_readers_cleaned", {{"count", stale_readers}});
  if (!sync_folder(config.folder))
    return refusal(config.folder, errc::store_failed, "flush: " + system_error_text());
  return opened;
}

environment::~environment() {
  if (env_)
    mdb_env_close(env_);
}

result<void> environment::grow() {
  const auto alone = std::unique_lock{map_in_use_};
  auto info = MDB_envinfo{};
  mdb_env_info(env_, &info);
  // LMDB gives the old map up before it has the new one, and makes no other when that fails.
  if (!has_room_for(info.me_mapsize)) {
    to_error(ENOMEM, "grow the map");
    return errc::store_full;
  }
  if (const auto code = mdb_env_set_mapsize(env_, info.me_mapsize * 2); code != 0) {
    is_lost_ = true;
    to_error(code, "grow the map; the store is closed until a restart");
    return errc::store_failed;
  }
  log::info("store_map_grown", {{"bytes", info.me_mapsize * 2}});
  return {};
}

} // namespace axonhub::store
