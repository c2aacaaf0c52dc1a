#include "store/meta_table.hpp"

#include "base/random.hpp"

namespace axonhub::store {
namespace {

constexpr auto version_key = "schema_version";
constexpr auto hash_key_key = "hash_key";
constexpr std::size_t hash_key_bytes = 32;

struct stored_version {
  std::uint64_t number = 0;
};

struct stored_hash_key {
  std::string sealed;
};

} // namespace

template <>
struct layout<stored_version> {
  static constexpr auto name = "meta";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.number); }
};

template <>
struct layout<stored_hash_key> {
  static constexpr auto name = "meta";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.sealed); }
};

result<std::uint64_t> read_schema_version(const transaction& from, const tables& t) {
  const auto stored = get_value<stored_version>(from, t.meta, version_key);
  if (stored)
    return stored->number;
  if (stored.error() == errc::not_found)
    return std::uint64_t{0};
  return stored.error();
}

result<void> write_schema_version(write_transaction& to, const tables& t, std::uint64_t version) {
  return put_value(to, t.meta, version_key, stored_version{version});
}

result<bool> is_locked(const transaction& from, const tables& t) {
  const auto stored = from.get(t.meta, hash_key_key);
  if (!stored && stored.error() != errc::not_found)
    return {boost::system::in_place_error, stored.error()};
  return stored.has_value();
}

result<secret> unlock_hash_key(write_transaction& in, const tables& t, const cipher& locked_by) {
  const auto stored = get_value<stored_hash_key>(in, t.meta, hash_key_key);
  if (stored) {
    auto opened = locked_by.open(stored->sealed, hash_key_key);
    if (!opened)
      return errc::wrong_master_key;
    return std::move(*opened);
  }
  if (stored.error() != errc::not_found)
    return stored.error();
  auto made = secret{random_bytes(hash_key_bytes)};
  if (auto done =
          put_value(in, t.meta, hash_key_key, stored_hash_key{locked_by.seal(made, hash_key_key)});
      !done)
    return done.error();
  return made;
}

} // namespace axonhub::store
