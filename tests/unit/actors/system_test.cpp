#include "actors/system.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <future>

#include "actors/scheduler.hpp"
#include "tests/support/temp_folder.hpp"

namespace axonhub::actors {
namespace {

using axonhub::tests::temp_folder;

std::unique_ptr<store::store> open_store(const temp_folder& folder) {
  auto config = store::store_config{};
  config.folder = folder.path();
  config.map_size = std::size_t{64} << 20;
  config.sync = false;
  return std::move(store::store::open(config).value());
}

/// Pool, actor system and actors, as the process has them.
class process {
public:
  explicit process(store::store& store) {
    pool_.start();
    run_actors_on(config_, pool_);
    config_.add_message_types<caf::id_block::axonhub>();
    system_ = std::make_unique<caf::actor_system>(config_);
    running_ = start_system(*system_, pool_, store, {}, {}).value();
  }
  ~process() {
    stop_system(*system_, running_);
    system_.reset();
    pool_.stop();
  }

  /// What one I/O thread reads.
  world_ptr world_at(std::size_t thread) {
    auto seen = std::promise<world_ptr>{};
    boost::asio::post(pool_.context(thread), [&] { seen.set_value(running_.board->current()); });
    return seen.get_future().get();
  }

  caf::actor_system& system() { return *system_; }
  std::size_t threads() const { return pool_.size(); }

private:
  io_pool pool_{2};
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  running_system running_;
};

policy::catalog_change new_setting() {
  auto change = policy::catalog_change{};
  change.edits.push_back(policy::put_setting{.name = "name", .json = "\"value\""});
  change.audit.action = "setting.put";
  return change;
}

TEST(running_system, gives_every_thread_its_world_before_the_start_returns) {
  const auto folder = temp_folder{};
  const auto store = open_store(folder);
  auto running = process{*store};
  for (auto thread = std::size_t{0}; thread < running.threads(); ++thread) {
    const auto seen = running.world_at(thread);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->directory.size(), running.threads());
    EXPECT_FALSE(seen->catalog->data().projects.empty());
  }
}

TEST(running_system, shows_a_change_to_every_thread_before_it_is_answered) {
  const auto folder = temp_folder{};
  const auto store = open_store(folder);
  auto running = process{*store};
  auto self = caf::scoped_actor{running.system()};
  self->request(running.world_at(0)->catalog_owner, caf::infinite, atom::change_v, new_setting())
      .receive([](const change_answer& answer) { EXPECT_TRUE(answer.adopted); },
               [](const caf::error&) { ADD_FAILURE() << "no answer"; });
  for (auto thread = std::size_t{0}; thread < running.threads(); ++thread)
    EXPECT_EQ(running.world_at(thread)->catalog->data().settings.at("name"), "\"value\"");
}

TEST(running_system, keeps_what_it_was_told_over_a_restart) {
  const auto folder = temp_folder{};
  {
    const auto store = open_store(folder);
    auto running = process{*store};
    const auto world = running.world_at(0);
    auto bound = store::stored_binding{};
    bound.trace = {"t"};
    bound.bound.channel = {"ch"};
    caf::anon_send(world->recorder, atom::bind_v, bound); // not awaited: the stop must write it
    auto self = caf::scoped_actor{running.system()};
    self->request(world->catalog_owner, caf::infinite, atom::change_v, new_setting())
        .receive([](const change_answer& answer) { EXPECT_TRUE(answer.adopted); },
                 [](const caf::error&) { ADD_FAILURE() << "no answer"; });
  }
  const auto store = open_store(folder);
  const auto found = store->find_binding({"t"});
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->bound.channel, channel_id{"ch"});
  auto again = process{*store};
  EXPECT_TRUE(again.world_at(1)->catalog->data().settings.contains("name"));
}

} // namespace
} // namespace axonhub::actors
