#include "actors/route_preview.hpp"

#include <gtest/gtest.h>

#include <random>

#include "actors/channel.hpp"
#include "actors/channel_settings.hpp"
#include "actors/trace.hpp"
#include "tests/unit/actors/fakes.hpp"

namespace axonhub::actors {
namespace {

using namespace std::chrono_literals;
using policy::failure_kind;
using policy::reason;

/// Real channels and a real trace, in whatever state chance has brought them.
class route_preview_test : public tests::floor_fixture {
protected:
  using rng = std::mt19937_64;

  static int below(rng& dice, int most) {
    return static_cast<int>(dice() % static_cast<unsigned>(most));
  }

  channel_settings_ptr any_settings(rng& dice, const std::string& id) {
    auto settings = std::make_shared<channel_settings>();
    settings->channel.id.text = id;
    if (below(dice, 3) == 0)
      settings->channel.limits.rate.max_concurrent = 1 + below(dice, 2);
    if (below(dice, 4) == 0)
      settings->channel.limits.rate.rpm = 1 + below(dice, 4);
    settings->channel.limits.queue_size = static_cast<std::uint32_t>(below(dice, 2));
    for (auto k = 0; k < 1 + below(dice, 2); ++k) {
      auto key = policy::credential{};
      key.id.text = id + "-k" + std::to_string(k);
      key.channel.text = id;
      key.enabled = below(dice, 8) != 0;
      settings->credentials.push_back(std::move(key));
    }
    return settings;
  }

  std::shared_ptr<std::vector<route_candidate>> any_candidates(rng& dice) {
    auto made = std::make_shared<std::vector<route_candidate>>();
    const auto count = 1 + below(dice, 4);
    const auto fallbacks = 1 + below(dice, 3);
    for (auto f = 0; f < fallbacks; ++f)
      for (auto c = 0; c < count; ++c) {
        const auto id = "c" + std::to_string(c);
        if (f == 0)
          actors.push_back(spawn(axonhub::actors::channel,
                                 channel_config{.settings = any_settings(dice, id), .now = time}));
        made->push_back({.what = {.channel = {id},
                                  .upstream_model = "m" + std::to_string(f),
                                  .fallback = static_cast<std::uint32_t>(f),
                                  .priority = below(dice, 2),
                                  .weight = static_cast<std::uint32_t>(1 + below(dice, 200))},
                         .actor = actors[static_cast<std::size_t>(c)]});
      }
    return made;
  }

  /// One request from its lease to its end, well or badly, or for ever.
  void live_through(rng& dice, const trace_actor& trace, const route_request& wanted) {
    auto pending = start_ask<route_answer>(trace, atom::route_v, wanted);
    if (!pending.answered()) // it waits in a queue
      advance(3s);
    const auto said = pending.get();
    if (!said || !said->granted || below(dice, 4) == 0)
      return;
    constexpr failure_kind kinds[] = {failure_kind::overloaded,      failure_kind::connect,
                                      failure_kind::rate_limited,    failure_kind::unauthorized,
                                      failure_kind::model_not_found, failure_kind::cut};
    auto outcome = policy::attempt_outcome{.used = *said->granted};
    if (below(dice, 2) == 0)
      outcome.failed = policy::attempt_failure{.kind = kinds[below(dice, 6)]};
    const auto well = !outcome.failed;
    tell(said->actor, atom::release_v, outcome);
    tell(trace, atom::finish_v,
         policy::request_outcome{.request = wanted.request,
                                 .served = said->granted,
                                 .completed = well,
                                 .tokens = {.cache_write = 500, .seen = true}});
  }

  std::vector<previewed_candidate> preview(const route_request& wanted, const trace_actor& trace) {
    auto made = route_preview{
        wanted,
        {"t"},
        ask<trace_view>(trace, atom::describe_v).book.home(wanted.model, time().wall, {})};
    for (;;) {
      const auto step = made.next();
      if (!step)
        return made.result();
      made.answer(ask<policy::acquire_answer>(step->to->actor, atom::preview_v, step->question));
    }
  }

  time_source time = clock();
  tests::fake_store store;
  recorder_actor recorder = spawn_recorder(store);
  std::vector<channel_actor> actors;
};

TEST_F(route_preview_test, comes_to_what_the_route_comes_to) {
  auto leases = 0;
  auto seconds = 0; // and thirds
  auto refusals = 0;
  auto resorts = 0;
  const auto around = std::make_shared<const trace_surroundings>(
      trace_surroundings{.recorder = recorder, .affinity = {}, .now = time});
  for (auto seed = 1u; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto dice = rng{seed};
    actors.clear();
    const auto candidates = any_candidates(dice);
    const auto trace = spawn(axonhub::actors::trace,
                             trace_config{.key = {.id = {"t"}, .project = {"p"}, .external = "s"},
                                          .restored = {},
                                          .around = around});
    for (auto r = 0; r < 12; ++r) {
      const auto wanted =
          route_request{.request = tests::request(r), .candidates = candidates, .failed = {}};
      if (r < 11) {
        live_through(dice, trace, wanted);
        advance(milliseconds{below(dice, 8000)});
        continue;
      }
      const auto seen = preview(wanted, trace);
      auto tried = wanted;
      for (const auto& foreseen : seen) {
        if (!foreseen.eligible && !tried.failed.empty())
          break; // all that can be had has been
        auto pending = start_ask<route_answer>(trace, atom::route_v, tried);
        if (!pending.answered()) {
          // What it waits for may come or not: that it waits is what was foreseen.
          ASSERT_TRUE(foreseen.eligible);
          EXPECT_GE(foreseen.reasons.size(), 2u);
          advance(3s);
          break;
        }
        const auto real = pending.get().value();
        ASSERT_EQ(real.granted.has_value(), foreseen.eligible);
        if (!real.granted) {
          ++refusals;
          break;
        }
        ++(tried.failed.empty() ? leases : seconds);
        EXPECT_EQ(real.granted->channel, foreseen.which->what.channel);
        EXPECT_EQ(real.granted->fallback, foreseen.which->what.fallback);
        EXPECT_EQ(real.granted->why, foreseen.reasons.front());
        resorts += real.granted->why == reason::last_resort ? 1 : 0;
        // A failure that leaves every other candidate as it was.
        tell(real.actor, atom::release_v,
             policy::attempt_outcome{.used = *real.granted, .unused = true});
        tried.failed.push_back({.channel = real.granted->channel,
                                .credential = real.granted->credential,
                                .kind = failure_kind::model_not_found,
                                .upstream_model = real.granted->upstream_model});
      }
    }
  }
  EXPECT_GT(leases, 1000) << "the worlds are no test when everybody refuses";
  EXPECT_GT(seconds, 1000);
  EXPECT_GT(refusals, 50);
  EXPECT_GT(resorts, 15);
}

TEST_F(route_preview_test, changes_nothing) {
  auto dice = rng{7};
  const auto candidates = any_candidates(dice);
  const auto question = policy::acquire_request{.request = {"r"}, .upstream_model = "m0"};
  const auto before = ask<policy::health_view>(actors[0], atom::describe_v);
  for (auto i = 0; i < 20; ++i)
    ask<policy::acquire_answer>(actors[0], atom::preview_v, question);
  const auto after = ask<policy::health_view>(actors[0], atom::describe_v);
  EXPECT_EQ(after.in_flight, before.in_flight);
  EXPECT_EQ(after.queued, 0u);
}

} // namespace
} // namespace axonhub::actors
