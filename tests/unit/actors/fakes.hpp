#pragma once

#include <algorithm>
#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/protocol.hpp"
#include "actors/recorder.hpp"
#include "actors/time_source.hpp"
#include "tests/support/actor_fixture.hpp"

namespace axonhub::actors::tests {

/// What a scripted channel does, and what it was asked.
struct channel_script {
  channel_id id;
  std::vector<credential_id> credentials{{"k1"}, {"k2"}};
  std::optional<policy::refusal> refusing; ///< Unset: gives leases.
  bool grants_last_resort = true;
  std::vector<policy::acquire_request> asked{};
  std::vector<policy::attempt_outcome> released{};

  policy::acquire_answer answer(const policy::acquire_request& wanted) {
    asked.push_back(wanted);
    if (refusing && !(wanted.last_resort && grants_last_resort))
      return {.granted = {}, .refused = *refusing};
    auto usable = credentials;
    std::erase_if(usable, [&](const credential_id& c) {
      return std::ranges::find(wanted.excluded, c) != wanted.excluded.end();
    });
    if (usable.empty())
      return {.granted = {}, .refused = {.channel = id, .why = policy::reason::already_failed}};
    const auto wish = std::ranges::find(usable, wanted.preferred);
    return {.granted = policy::lease{.number = asked.size(),
                                     .channel = id,
                                     .credential = wish == usable.end() ? usable.front() : *wish,
                                     .upstream_model = wanted.upstream_model},
            .refused = {}};
  }

  void refuse(policy::reason why, milliseconds wait, bool by_health) {
    refusing = policy::refusal{.channel = id, .why = why, .wait = wait, .by_health = by_health};
  }
};

struct scripted_channel_state {
  static constexpr const char* name = "scripted_channel";
  int unused = 0;
};

inline channel_actor::behavior_type scripted_channel(
    channel_actor::stateful_pointer<scripted_channel_state> self,
    std::shared_ptr<channel_script> script) {
  return {
      [script](atom::acquire, const policy::acquire_request& wanted) {
        return script->answer(wanted);
      },
      [script](atom::preview, const policy::acquire_request& wanted) {
        auto said = script->answer(wanted);
        script->asked.pop_back();
        return said;
      },
      [](atom::alive, const policy::lease&) {},
      [](atom::renew, const policy::lease&) {},
      [script](atom::release, const policy::attempt_outcome& outcome) {
        script->released.push_back(outcome);
      },
      [](atom::adopt, const channel_settings_ptr&) {},
      [](atom::describe) { return policy::health_view{}; },
      [](atom::abandon, const request_id&) {},
      [](atom::restore, const credential_id&) {},
      [](atom::restore) {},
      [self](atom::drain) { self->quit(); },
      [](atom::tick) {},
  };
}

/// What a store would hold, and whether it takes anything.
struct fake_store {
  std::vector<store::write_batch> written;
  std::map<trace_id, store::stored_binding> bindings;
  std::map<key_id, policy::key_counters> counters;
  error_code failing;
  std::function<void()> before_write;

  result<void> write(const store::write_batch& step) {
    if (before_write)
      before_write();
    if (failing)
      return failing;
    written.push_back(step);
    for (const auto& b : step.bindings)
      bindings[b.trace] = b;
    for (const auto& trace : step.cleared_bindings)
      bindings.erase(trace);
    for (const auto& c : step.counters)
      counters[c.key] = c.counted;
    return {};
  }

  result<std::optional<store::stored_binding>> find(const trace_id& id) const {
    const auto found = bindings.find(id);
    if (found == bindings.end())
      return std::optional<store::stored_binding>{};
    return std::optional{found->second};
  }
};

/// Actors of ours on the simulated clock, with a fake store behind a real recorder.
class floor_fixture : public axonhub::tests::actor_fixture {
protected:
  time_source clock() {
    return [this, begin = now()] {
      return instant{now(), from_unix_ms(1'800'000'000'000) + to_ms(now() - begin)};
    };
  }

  recorder_config recorder_on(fake_store& store) {
    auto config = recorder_config{};
    config.write = [&store](const store::write_batch& step) { return store.write(step); };
    return config;
  }

  recorder_actor spawn_recorder(fake_store& store) {
    return spawn(axonhub::actors::recorder, recorder_on(store));
  }
};

/// `number` in letters that sort: "r1".
inline request_id request(int number) { return {"r" + std::to_string(number)}; }

} // namespace axonhub::actors::tests
