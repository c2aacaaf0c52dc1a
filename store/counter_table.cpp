#include "store/counter_table.hpp"

namespace axonhub::store {

template <>
struct layout<policy::budget_counter::part> {
  static auto fields(auto& x) { return list(x.until, x.amount); }
};

template <>
struct layout<policy::budget_counter> {
  static auto fields(auto& x) { return list(x.parts, x.unpriced, x.soft_told); }
};

template <>
struct layout<policy::key_counters> {
  static constexpr auto name = "counters";
  static constexpr std::uint8_t version = 1;
  static auto fields(auto& x) { return list(x.by_name, x.mean_output); }
};

result<void> put_counters(write_transaction& to, const tables& t, const stored_counters& counted) {
  if (const auto key = to.get(t.api_keys, counted.key.text); !key)
    return key.error() == errc::not_found ? result<void>{} : result<void>{key.error()};
  return put_value(to, t.counters, counted.key.text, counted.counted);
}

result<policy::key_counters> find_counters(const transaction& from, const tables& t,
                                           const key_id& id) {
  auto found = get_value<policy::key_counters>(from, t.counters, id.text);
  if (!found && found.error() == errc::not_found)
    return policy::key_counters{};
  return found;
}

} // namespace axonhub::store
