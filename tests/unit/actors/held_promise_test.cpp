#include "actors/held_promise.hpp"

#include <gtest/gtest.h>

#include <caf/typed_event_based_actor.hpp>
#include <vector>

#include "tests/support/actor_fixture.hpp"

namespace axonhub::actors {
namespace {

using keeper_actor =
    caf::typed_actor<caf::replies_to<int>::with<int>, caf::replies_to<caf::put_atom>::with<void>,
                     caf::reacts_to<caf::flush_atom>>;

/// The state of an actor goes with it; so do the promises in it.
struct keeper_state {
  std::vector<std::pair<int, held_promise<int>>> numbers;
  std::vector<held_promise<void>> notes;
};

keeper_actor::behavior_type keeper(keeper_actor::stateful_pointer<keeper_state> self, int more) {
  return {
      [self](int number) {
        auto owed = held_promise<int>{self->make_response_promise<int>()};
        return self->state.numbers.emplace_back(number, std::move(owed)).second.promise();
      },
      [self](caf::put_atom) {
        return self->state.notes.emplace_back(self->make_response_promise<void>()).promise();
      },
      [self, more](caf::flush_atom) {
        for (auto& [number, owed] : self->state.numbers)
          owed.deliver(number + more);
        for (auto& owed : self->state.notes)
          owed.deliver();
      },
  };
}

using held_promise_test = tests::actor_fixture;

TEST_F(held_promise_test, answers_when_it_is_kept) {
  const auto keeper = spawn(actors::keeper, 1);
  const auto number = start_ask<int>(keeper, 41);
  const auto note = start_ask<void>(keeper, caf::put_atom::value);
  EXPECT_FALSE(number.answered());
  EXPECT_FALSE(note.answered());
  tell(keeper, caf::flush_atom::value);
  EXPECT_EQ(number.get().value(), 42);
  EXPECT_TRUE(note.get().has_value());
}

TEST_F(held_promise_test, answers_that_the_actor_is_gone_when_it_ends) {
  const auto keeper = spawn(actors::keeper, 1);
  const auto number = start_ask<int>(keeper, 41);
  const auto note = start_ask<void>(keeper, caf::put_atom::value);
  kill(keeper);
  EXPECT_EQ(number.get().error(), errc::actor_gone);
  EXPECT_EQ(note.get().error(), errc::actor_gone);
}

TEST_F(held_promise_test, answers_once) {
  const auto keeper = spawn(actors::keeper, 1);
  const auto number = start_ask<int>(keeper, 41);
  tell(keeper, caf::flush_atom::value);
  tell(keeper, caf::flush_atom::value);
  kill(keeper);
  EXPECT_EQ(number.get().value(), 42);
}

} // namespace
} // namespace axonhub::actors
