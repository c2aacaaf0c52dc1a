#include "store/store.hpp"

#include <lmdb.h>
#include <sodium.h>
#include <sys/stat.h>

#include <array>
#include <cstring>

#include "base/log.hpp"
#include "store/audit_table.hpp"
#include "store/binding_table.hpp"
#include "store/catalog_tables.hpp"
#include "store/counter_table.hpp"
#include "store/environment.hpp"
#include "store/master_key.hpp"
#include "store/meta_table.hpp"
#include "store/migrations.hpp"

namespace axonhub::store {

struct store::impl {
  std::unique_ptr<environment> env;
  cipher locked_by;
  tables t;
  secret hash_key;
};

namespace {

/// What is to be known before the secrets can be unlocked.
struct survey {
  tables t{};
  std::uint64_t schema = 0;
  bool locked = false;
};

result<survey> look_around(environment& env) {
  auto seen = survey{};
  const auto done = write_durably(env, [&seen](write_transaction& in) -> result<void> {
    const auto opened = open_tables(in);
    if (!opened)
      return opened.error();
    const auto schema = read_schema_version(in, *opened);
    if (!schema)
      return schema.error();
    const auto locked = is_locked(in, *opened);
    if (!locked)
      return locked.error();
    seen = {*opened, *schema, *locked};
    return *schema > current_schema() ? result<void>{errc::store_too_new} : result<void>{};
  });
  if (!done && done.error() != errc::store_too_new)
    return done.error();
  return seen;
}

failure too_new(const std::filesystem::path& folder, std::uint64_t schema) {
  return {errc::store_too_new,
          "the store in " + folder.string() + " has schema " + std::to_string(schema) +
              " and this release knows " + std::to_string(current_schema()) +
              ": run the later release that wrote it, or restore the backup made before that"};
}

failure cannot_open(const std::filesystem::path& folder, error_code why) {
  const auto code = static_cast<errc>(why.value());
  auto text = "cannot open the store in " + folder.string() + ": " + why.message();
  if (code == errc::wrong_master_key)
    text +=
        "; set AXONHUB_MASTER_KEY to the key that it was made with, or put back the file that "
        "had it";
  else if (code == errc::store_full)
    text += "; free some disk space";
  else if (code == errc::store_corrupt)
    text += "; restore a backup";
  return {code, std::move(text)};
}

/// Runs `read` in a transaction of its own.
template <class Read>
auto reading(const environment& env, const Read& read)
    -> decltype(read(std::declval<const read_transaction&>())) {
  const auto in = read_transaction::begin(env);
  if (!in)
    return in.error();
  return read(*in);
}

/// Pages that were in use once and wait to be used again; LMDB lists them in its table 0.
std::uint64_t free_pages(const read_transaction& in) {
  auto pages = std::uint64_t{0};
  auto at = cursor::open(in, 0);
  if (!at)
    return 0;
  for (auto found = at->first(); found && *found; found = at->next()) {
    auto count = std::size_t{0}; // the first word of each list
    if (at->value().size() >= sizeof(count))
      std::memcpy(&count, at->value().data(), sizeof(count));
    pages += count;
  }
  return pages;
}

} // namespace

store::store(std::unique_ptr<impl> state) : impl_(std::move(state)) {}

store::~store() = default;

checked<std::unique_ptr<store>> store::open(const store_config& config) {
  if (sodium_init() < 0)
    return failure{errc::store_failed, "libsodium found no source of random bytes"};
  auto env = environment::open({config.folder / "state", config.map_size, config.sync});
  if (!env)
    return env.error();
  const auto seen = look_around(**env);
  if (!seen)
    return cannot_open(config.folder, seen.error());
  if (seen->schema > current_schema())
    return too_new(config.folder, seen->schema);
  auto key = find_master_key(
      {config.master_key, config.master_key_file, config.folder / "master.key", !seen->locked});
  if (!key)
    return key.error();
  auto state =
      std::make_unique<impl>(impl{std::move(*env), cipher{std::move(*key)}, seen->t, secret{}});
  const auto done = write_durably(*state->env, [&](write_transaction& in) -> result<void> {
    auto unlocked = unlock_hash_key(in, state->t, state->locked_by);
    if (!unlocked)
      return unlocked.error();
    state->hash_key = std::move(*unlocked);
    return migrate(in, state->t, seen->schema, wall_now());
  });
  if (!done)
    return cannot_open(config.folder, done.error());
  return std::unique_ptr<store>{new store{std::move(state)}};
}

result<void> store::write(const write_batch& batch) {
  if (batch.empty())
    return {};
  return write_durably(*impl_->env, [&](write_transaction& to) -> result<void> {
    for (const auto& edit : batch.edits)
      if (auto done = apply_edit(to, impl_->t, impl_->locked_by, edit); !done)
        return done;
    for (const auto& entry : batch.audit)
      if (auto done = add_audit(to, impl_->t, entry); !done)
        return done;
    for (const auto& binding : batch.bindings)
      if (auto done = put_binding(to, impl_->t, binding); !done)
        return done;
    for (const auto& id : batch.cleared_bindings)
      if (auto done = erase_binding(to, impl_->t, id); !done)
        return done;
    if (auto done = erase_bindings_to(to, impl_->t, batch.edits); !done)
      return done;
    for (const auto& counted : batch.counters)
      if (auto done = put_counters(to, impl_->t, counted); !done)
        return done;
    return {};
  });
}

result<policy::catalog_data> store::load_catalog() const {
  return reading(*impl_->env, [this](const auto& in) {
    return axonhub::store::load_catalog(in, impl_->t, impl_->locked_by);
  });
}

const secret& store::hash_key() const { return impl_->hash_key; }

result<std::optional<stored_binding>> store::find_binding(const trace_id& id) const {
  return reading(*impl_->env,
                 [&](const auto& in) { return axonhub::store::find_binding(in, impl_->t, id); });
}

result<std::vector<stored_binding>> store::list_bindings(const trace_id& after,
                                                         std::size_t limit) const {
  return reading(*impl_->env, [&](const auto& in) {
    return axonhub::store::list_bindings(in, impl_->t, after, limit);
  });
}

result<policy::key_counters> store::find_counters(const key_id& id) const {
  return reading(*impl_->env,
                 [&](const auto& in) { return axonhub::store::find_counters(in, impl_->t, id); });
}

result<std::pair<std::vector<policy::audit_entry>, std::string>> store::list_audit(
    const std::string& before, std::size_t limit) const {
  return reading(*impl_->env, [&](const auto& in) {
    return axonhub::store::list_audit(in, impl_->t, before, limit);
  });
}

result<std::size_t> store::expire_bindings(wall_time limit, std::size_t count) {
  auto expired = std::size_t{0};
  const auto done = write_durably(*impl_->env, [&](write_transaction& to) -> result<void> {
    const auto now = axonhub::store::expire_bindings(to, impl_->t, limit, count);
    if (!now)
      return now.error();
    expired = *now;
    return {};
  });
  if (!done)
    return done.error();
  return expired;
}

store::size_info store::size() const {
  auto used = std::uint64_t{0};
  if (const auto in = read_transaction::begin(*impl_->env)) { // LMDB looks into the map for these:
    auto info = MDB_envinfo{};
    auto stat = MDB_stat{};
    mdb_env_info(impl_->env->handle(), &info);
    mdb_env_stat(impl_->env->handle(), &stat);
    used = (info.me_last_pgno + 1 - free_pages(*in)) * stat.ms_psize;
  }
  struct stat facts {};
  auto file = 0;
  if (mdb_env_get_fd(impl_->env->handle(), &file) != 0 || ::fstat(file, &facts) != 0)
    facts.st_size = 0;
  return {used, static_cast<std::uint64_t>(facts.st_size)};
}

} // namespace axonhub::store
