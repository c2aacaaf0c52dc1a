#include "actors/channel.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/random.hpp"

namespace axonhub::actors {
namespace {

std::vector<policy::credential_facts> facts_of(const channel_settings& settings) {
  auto facts = std::vector<policy::credential_facts>{};
  for (const auto& c : settings.credentials)
    facts.push_back({c.id, c.enabled, !c.invalid_reason.empty(), c.expires_at});
  return facts;
}

/// Evenly from [0, 1).
double any_jitter() { return static_cast<double>(random_bits() >> 11) * 0x1p-53; }

void take_back(channel_state& state, const policy::attempt_outcome& outcome) {
  auto effect = state.health->release(outcome, state.config.now(), any_jitter());
  if (effect.benched)
    log::warn("credential.benched", {{"channel", outcome.used.channel.text},
                                     {"credential", effect.benched->text},
                                     {"reason", effect.bench_reason}});
}

} // namespace

channel_actor::behavior_type channel(channel_actor::stateful_pointer<channel_state> self,
                                     channel_config config) {
  self->state.config = std::move(config);
  self->state.credentials = facts_of(*self->state.config.settings);
  self->state.health.emplace(self->state.config.settings->channel.id);
  auto leave_when_drained = [self] {
    if (self->state.draining && self->state.health->in_flight() == 0)
      self->quit();
  };
  return {
      [self](atom::acquire, const policy::acquire_request& wanted) {
        auto& state = self->state;
        return state.health->acquire(wanted, state.credentials, state.config.now());
      },
      [self, leave_when_drained](atom::release, const policy::attempt_outcome& outcome) {
        take_back(self->state, outcome);
        leave_when_drained();
      },
      [self](atom::adopt, const channel_settings_ptr& settings) {
        self->state.config.settings = settings;
        self->state.credentials = facts_of(*settings);
      },
      [self](atom::describe) {
        return self->state.health->view(self->state.credentials, self->state.config.now());
      },
      [self](atom::restore, const credential_id& id) {
        self->state.health->restore(id, self->state.config.now().steady);
      },
      [self, leave_when_drained](atom::drain) {
        self->state.draining = true;
        self->state.health->stop();
        leave_when_drained();
      },
  };
}

} // namespace axonhub::actors
