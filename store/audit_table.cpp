#include "store/audit_table.hpp"

#include <limits>

#include "base/text.hpp"
#include "store/keys.hpp"

namespace axonhub::store {

template <>
struct layout<policy::audit_entry> {
  static constexpr auto name = "audit";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.at, x.actor, x.from, x.action, x.target, x.detail); }
};

namespace {

/// After the entries of the same millisecond.
result<std::string> free_key(const transaction& from, const tables& t, wall_time time) {
  auto at = cursor::open(from, t.audit);
  if (!at)
    return at.error();
  const auto found = at->before(numbered_time_key(time, std::numeric_limits<std::uint32_t>::max()));
  if (!found)
    return found.error();
  const auto last = *found ? parse_numbered_time_key(at->key()) : std::nullopt;
  return numbered_time_key(time, last && last->at == time ? last->number + 1 : 0);
}

} // namespace

result<void> add_audit(write_transaction& to, const tables& t, const policy::audit_entry& entry) {
  const auto key = free_key(to, t, entry.at);
  if (!key)
    return key.error();
  return put_value(to, t.audit, *key, entry);
}

result<std::pair<std::vector<policy::audit_entry>, std::string>> list_audit(const transaction& from,
                                                                            const tables& t,
                                                                            std::string_view before,
                                                                            std::size_t limit) {
  const auto start = from_base64(before);
  if (!start || (!before.empty() && !parse_numbered_time_key(*start)))
    return errc::invalid_argument;
  auto at = cursor::open(from, t.audit);
  if (!at)
    return at.error();
  auto page = std::pair<std::vector<policy::audit_entry>, std::string>{};
  auto last_key = std::string{};
  for (auto found = before.empty() ? at->last() : at->before(*start);; found = at->previous()) {
    if (!found)
      return found.error();
    if (!*found)
      return page;
    if (page.first.size() >= limit) {
      page.second = to_base64url(last_key);
      return page;
    }
    auto entry = decode_value<policy::audit_entry>(at->key(), at->value());
    if (!entry)
      return corrupt_value(layout<policy::audit_entry>::name, at->key());
    page.first.push_back(std::move(*entry));
    last_key = at->key();
  }
}

} // namespace axonhub::store
