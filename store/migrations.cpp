#include "store/migrations.hpp"

#include <iterator>

#include "base/log.hpp"
#include "store/catalog_layouts.hpp"
#include "store/meta_table.hpp"

namespace axonhub::store {
namespace {

using step = result<void> (*)(write_transaction&, const tables&, wall_time now);

result<void> make_default_project(write_transaction& in, const tables& t, wall_time now) {
  auto first = policy::project{};
  first.id = {"default"};
  first.name = "default";
  first.created_at = now;
  first.revision = 1;
  return put_value(in, t.projects, first.id.text, first);
}

/// steps[n] takes schema n to n + 1.
constexpr step steps[] = {make_default_project};

} // namespace

std::uint64_t current_schema() { return std::size(steps); }

result<void> migrate(write_transaction& in, const tables& t, std::uint64_t from, wall_time now) {
  if (from > current_schema())
    return errc::store_too_new;
  if (from == current_schema())
    return {};
  for (auto version = from; version < current_schema(); ++version)
    if (auto done = steps[version](in, t, now); !done)
      return done;
  log::info("store_migrated", {{"from", from}, {"to", current_schema()}});
  return write_schema_version(in, t, current_schema());
}

} // namespace axonhub::store
