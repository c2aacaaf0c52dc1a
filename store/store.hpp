#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "policy/catalog.hpp"
#include "policy/route.hpp"

/// What survives a restart: the state environment in LMDB.
namespace axonhub::store {

struct store_config {
  std::filesystem::path folder; ///< Made if it is not there (0700). LMDB's files go to `state/`.
  std::size_t map_size = std::size_t{16} << 30; ///< Reserved address space, not disk; may grow.
  bool sync = true;                             ///< fsync on commit; off only in tests.
  secret master_key;                            ///< As configured; empty: read a file.
  std::filesystem::path master_key_file; ///< Empty: `<folder>/master.key`, made at the first start.
};

/// A trace's bindings as stored, with what is needed to show them.
struct stored_binding {
  trace_id trace;
  project_id project;
  shared_text external_trace;
  policy::binding bound;   ///< The last used one,
  std::uint64_t model = 0; ///< and its model: see policy::model_binding. 0: any.
  std::string name{};
  std::vector<policy::model_binding> others{};

  /// Takes a trace's bindings, the last used first and at least one.
  void set(std::vector<policy::model_binding> all);
  std::vector<policy::model_binding> all() const;
};

/// What a key's limits have counted.
struct stored_counters {
  key_id key;
  policy::key_counters counted;
};

/// One durable step: everything in it is there after a crash, or nothing.
struct write_batch {
  std::vector<policy::catalog_edit> edits;
  std::vector<policy::audit_entry> audit;
  std::vector<stored_binding> bindings;
  std::vector<trace_id> cleared_bindings;
  std::vector<stored_counters> counters{};

  bool empty() const {
    return edits.empty() && audit.empty() && bindings.empty() && cleared_bindings.empty() &&
           counters.empty();
  }
};

/// The open state environment. Reads from any thread; write() from one thread at a time.
class store {
public:
  /// Opens or creates it, migrates an older schema forward, and unlocks the secrets. Errors say
  /// what to do: a wrong master key, a folder that cannot be written, a store of a later release,
  /// or one that is open already, here or in another process.
  static checked<std::unique_ptr<store>> open(const store_config& config);
  ~store();

  /// Durable when it returns without error; nothing of it is there otherwise. The steps in a batch
  /// act in the order of its members. Fails with errc::store_full, errc::store_failed, or
  /// errc::invalid_argument for an id that is empty or beyond 511 bytes. The caller's thread holds
  /// no other read of this store.
  result<void> write(const write_batch& batch);

  /// The configuration as stored; the project `default` is there from the first start. This and
  /// the reads below fail with errc::store_corrupt when a value does not decode.
  result<policy::catalog_data> load_catalog() const;

  /// The key that client keys are hashed with: random, wrapped by the master key.
  const secret& hash_key() const;

  /// A trace's binding, if it has one.
  result<std::optional<stored_binding>> find_binding(const trace_id& id) const;

  /// Bindings in the order of trace ids, after `after`, at most `limit`.
  result<std::vector<stored_binding>> list_bindings(const trace_id& after, std::size_t limit) const;

  /// What a key has used, as far as it was counted; nothing when nothing was.
  result<policy::key_counters> find_counters(const key_id& id) const;

  /// Newest first, before `before` (a cursor from the last call; empty: from the newest), and the
  /// cursor of what is older, empty when nothing is. errc::invalid_argument for what is no cursor.
  result<std::pair<std::vector<policy::audit_entry>, std::string>> list_audit(
      const std::string& before, std::size_t limit) const;

  /// Drops bindings last used before `limit`, the oldest first, at most `count` in one durable
  /// step. Returns how many. A write: see write().
  result<std::size_t> expire_bindings(wall_time limit, std::size_t count);

  /// Bytes of the data file in use, and its length: it never shrinks.
  struct size_info {
    std::uint64_t used_bytes = 0;
    std::uint64_t file_bytes = 0;
  };
  size_info size() const;

  store(const store&) = delete;
  store& operator=(const store&) = delete;

private:
  struct impl;
  explicit store(std::unique_ptr<impl> state);
  std::unique_ptr<impl> impl_;
};

} // namespace axonhub::store
