#include "policy/bench.hpp"

#include <utility>

#include "base/json_text.hpp"

namespace axonhub::policy {

std::optional<catalog_change> change_to_bench(const credential& known, const release_effect& effect,
                                              wall_time now) {
  if (effect.benched != known.id || effect.bench_revision != known.revision)
    return std::nullopt;
  auto benched = known;
  benched.invalid_reason = effect.bench_reason;
  benched.invalid_since = now;
  auto change = catalog_change{};
  change.edits.push_back(put<credential>{std::move(benched)});
  change.audit.at = now;
  change.audit.actor = "system";
  change.audit.action = "credential.bench";
  change.audit.target = known.id.text;
  change.audit.detail = "{\"reason\":";
  append_json_string(change.audit.detail, effect.bench_reason);
  change.audit.detail += '}';
  return change;
}

} // namespace axonhub::policy
