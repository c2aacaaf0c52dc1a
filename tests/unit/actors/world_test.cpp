#include "actors/world.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <thread>

namespace axonhub::actors {
namespace {

world_ptr world_of(std::uint64_t revision) {
  auto made = std::make_shared<world>();
  made->revision = revision;
  return made;
}

class world_board_test : public testing::Test {
protected:
  world_board_test() { pool.start(); }
  ~world_board_test() override { pool.stop(); }

  /// Has the I/O thread do it, and waits.
  void on_thread(std::function<void()> what) {
    auto done = std::promise<void>{};
    boost::asio::post(pool.context(0), [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }

  world_ptr current() {
    auto seen = world_ptr{};
    on_thread([&] { seen = board.current(); });
    return seen;
  }

  io_pool pool{1};
  world_board board{pool};
};

TEST_F(world_board_test, keeps_the_newer_world_when_an_older_one_comes_later) {
  auto adopted = std::promise<void>{};
  on_thread([&] { // what its own thread posts comes after what another one posts meanwhile
    board.publish(world_of(1), [&] { adopted.set_value(); });
    std::jthread{[&] { board.publish(world_of(2), [] {}); }}.join();
  });
  adopted.get_future().wait(); // passed over counts as well
  EXPECT_EQ(current()->revision, 2u);
}

TEST_F(world_board_test, stays_empty_once_it_is_cleared) {
  board.publish(world_of(1), [] {});
  EXPECT_TRUE(current());
  board.clear();
  EXPECT_FALSE(current());
  auto late = std::weak_ptr<const world>{};
  auto adopted = std::promise<void>{};
  {
    const auto next = world_of(2);
    late = next;
    board.publish(next, [&] { adopted.set_value(); });
  }
  adopted.get_future().wait();
  EXPECT_FALSE(current());
  EXPECT_TRUE(late.expired());
}

} // namespace
} // namespace axonhub::actors
