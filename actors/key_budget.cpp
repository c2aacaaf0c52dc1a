#include "actors/key_budget.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <utility>

#include "base/log.hpp"

namespace axonhub::actors {
namespace {

using key_budget_ptr = key_budget_actor::stateful_pointer<key_budget_state>;

void settle(key_budget_ptr self, std::uint64_t number, const policy::key_use& used) {
  auto& state = self->state;
  const auto& key = state.config.settings->key;
  const auto now = state.config.now();
  state.ledger->settle(number, used, now);
  for (const auto& reached : state.ledger->take_soft_news(now.wall))
    log::warn("budget.soft_limit", {{"key", key.text}, {"budget", policy::to_text(reached)}});
  if (used.asked_upstream)
    self->send(state.config.recorder, atom::count_v,
               store::stored_counters{key, state.ledger->counters()});
}

} // namespace

key_budget_actor::behavior_type key_budget(key_budget_ptr self, key_budget_config config) {
  auto& state = self->state;
  state.ledger.emplace(config.settings->rules, std::move(config.restored));
  state.config = std::move(config);
  return {
      [self](atom::reserve, std::uint64_t number, const policy::key_request& asked) {
        auto& state = self->state;
        return key_answer{state.ledger->reserve(number, asked, state.config.now())};
      },
      [self](atom::settle, std::uint64_t number, const policy::key_use& used) {
        settle(self, number, used);
      },
      [self](atom::adopt, const key_settings_ptr& settings) {
        self->state.config.settings = settings;
        self->state.ledger->adopt(settings->rules);
      },
      [self](atom::describe) {
        const auto& ledger = *self->state.ledger;
        return policy::key_view{ledger.in_flight(), ledger.budgets(self->state.config.now().wall)};
      },
      [self](atom::drain) { self->quit(); },
  };
}

} // namespace axonhub::actors
