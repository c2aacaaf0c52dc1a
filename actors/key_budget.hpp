#pragma once

#include <optional>

#include "actors/protocol.hpp"
#include "actors/time_source.hpp"
#include "policy/key_ledger.hpp"

namespace axonhub::actors {

struct key_budget_config {
  key_settings_ptr settings;
  policy::key_counters restored;
  recorder_actor recorder;
  time_source now;
};

struct key_budget_state {
  static constexpr const char* name = "key_budget";

  key_budget_config config;
  std::optional<policy::key_ledger> ledger; ///< Set from the start on.
};

/// The shell around one key's policy::key_ledger. Tells the recorder after each request that ends,
/// which writes the last word of each key within half a second.
key_budget_actor::behavior_type key_budget(
    key_budget_actor::stateful_pointer<key_budget_state> self, key_budget_config config);

} // namespace axonhub::actors
