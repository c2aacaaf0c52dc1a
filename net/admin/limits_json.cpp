#include "net/admin/limits_json.hpp"

#include <limits>

namespace axonhub::net {

json to_json(const policy::gate_limits& limits) {
  auto out = json::object();
  if (limits.max_concurrent)
    out["max_concurrent"] = *limits.max_concurrent;
  if (limits.rpm)
    out["rpm"] = *limits.rpm;
  if (limits.tpm)
    out["tpm"] = *limits.tpm;
  return out;
}

void read_gate_limits(field_reader& fields, policy::gate_limits& to) {
  constexpr auto most = std::numeric_limits<std::int32_t>::max();
  to = {};
  auto number = std::uint32_t{0};
  if (fields.read("max_concurrent", number, 1, most))
    to.max_concurrent = number;
  if (fields.read("rpm", number, 1, most))
    to.rpm = number;
  if (auto tokens = std::uint64_t{0};
      fields.read("tpm", tokens, 1, std::numeric_limits<std::int64_t>::max()))
    to.tpm = tokens;
}

} // namespace axonhub::net
