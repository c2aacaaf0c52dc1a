#include "store/credential_table.hpp"

#include "store/catalog_layouts.hpp"

namespace axonhub::store {
namespace {

/// `open` has no value: that is in `sealed`.
struct stored_credential {
  policy::credential open;
  std::string sealed;
};

std::string purpose_of(const credential_id& id) { return "credential/" + id.text; }

} // namespace

template <>
struct layout<stored_credential> {
  static constexpr auto name = "credentials";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) {
    return list(x.open.id, x.open.channel, x.open.name, x.sealed, x.open.auth, x.open.enabled,
                x.open.invalid_reason, x.open.invalid_since, x.open.expires_at, x.open.created_at,
                x.open.revision);
  }
};

result<void> put_credential(write_transaction& to, const tables& t, const cipher& locked_by,
                            const policy::credential& c) {
  return put_value(to, t.credentials, c.id.text,
                   stored_credential{c, locked_by.seal(c.value, purpose_of(c.id))});
}

result<std::map<credential_id, policy::credential>> load_credentials(const transaction& from,
                                                                     const tables& t,
                                                                     const cipher& locked_by) {
  auto all = std::map<credential_id, policy::credential>{};
  auto unopened = result<void>{};
  const auto done = each_value<stored_credential>(from, t.credentials, [&](stored_credential s) {
    auto value = locked_by.open(s.sealed, purpose_of(s.open.id));
    if (!value) {
      unopened = corrupt_value(layout<stored_credential>::name, s.open.id.text);
      return;
    }
    s.open.value = std::move(*value);
    all.emplace(s.open.id, std::move(s.open));
  });
  if (!done)
    return done.error();
  if (!unopened)
    return unopened.error();
  return all;
}

} // namespace axonhub::store
