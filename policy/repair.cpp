#include "policy/repair.hpp"

#include <tuple>

namespace axonhub::policy {
namespace {

auto what_fails(const channel& c) {
  return std::tie(c.type, c.base_url, c.ca_certificates, c.supported_models, c.model_mappings,
                  c.extra_model_prefix, c.auto_trimmed_model_prefixes);
}

} // namespace

bool is_repair(const channel& before, const channel& after) {
  const auto enabled =
      before.status != channel_status::enabled && after.status == channel_status::enabled;
  return enabled || what_fails(before) != what_fails(after);
}

} // namespace axonhub::policy
